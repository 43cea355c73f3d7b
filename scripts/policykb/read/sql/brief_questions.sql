select question from open_questions where action = :id order by id
