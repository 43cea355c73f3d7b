-- Who takes a side on an action in which document, and whether the text was out before the action began.
select distinct stance, argument, document, speaker_key, inherited, written_before_action from voices where action = :id
