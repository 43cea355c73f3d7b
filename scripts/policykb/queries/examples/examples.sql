-- name: in_force
-- What is in force, the newest first, with its number and official text
select since, title, number, country, official_url
from current_status
where legal_force = 'in_force'
order by since desc

-- name: on_a_day
-- How many actions of each country had which stage and force on the day of the newest check
select country, stage, legal_force, count(*) as actions
from status_days
where (select max(as_of) from actions) between from_day and until_day
group by country, stage, legal_force
order by actions desc

-- name: speakers
-- Who takes the most sides of their own, by kind of speaker
select speaker, speaker_kind, stance, count(distinct action) as actions, count(distinct argument) as arguments
from voices
where inherited = 0
group by speaker_key, stance
order by actions desc, speaker

-- name: silence
-- What is in force and argued by no one
select b.title, b.number, b.country, c.stage, c.legal_force
from stance_balance b
join current_status c on c.action = b.action
where b.arguments = 0 and c.legal_force = 'in_force'
order by b.country, b.title

-- name: topics
-- How many actions of each topic are in force
select t.name as topic, sum(c.legal_force = 'in_force') as in_force, count(*) as actions
from action_topics x
join topics t on t.id = x.topic
join current_status c on c.action = x.action
group by t.id
order by actions desc
