-- After the rows and indexes: what records say by what others say, for the records in `touched`; none of it is set for the others.
update appearances set speakers = coalesce(
  (select group_concat(coalesce(o.name, b.name), ', ') || ', as quoted' from appearance_speakers b left join organizations o on o.id = b.name
   where b.appearance = appearances.id and b.quoted = 1),
  (select group_concat(name, ', ') from (
     select w.name from document_authors w
     join appearance_speakers b on b.appearance = appearances.id and b.name in (w.family, w.organization)
     where w.document = appearances.document order by w.position)),
  (select coalesce(nullif(d.authors, ''), d.publisher, d.container, d.title) from documents d where d.id = appearances.document))
where argument in (select id from touched) or claim in (select id from touched);
-- What pages sort by and would otherwise count on every request.
update arguments set
  ties = (select count(*) from argument_relations r where r.argument = arguments.id)
       + (select count(*) from argument_relations r where r.other = arguments.id),
  answers = (select count(*) from argument_relations r where r.other = arguments.id and r.type in (select id from argument_relation_types where answers = 1))
where id in (select id from touched);
delete from speakers where argument in (select id from touched);
insert into speakers
select g.record_number * 1000000 + row_number() over (partition by g.id order by p.rowid, q.id, w.position),
       g.id, p.id, d.id, coalesce(o.id, q.name, w.name, d.publisher, d.container, d.title),
       coalesce(case when q.id is not null then coalesce(o.name, q.name) end, w.name, d.publisher, d.container, d.title), o.id,
       case when q.id is not null then 'quoted' when w.name is not null then 'author' when d.publisher is not null then 'publisher'
            when d.container is not null then 'container' else 'title' end
from touched t
cross join arguments g on g.id = t.id
cross join appearances p on p.argument = g.id
cross join documents d on d.id = p.document
left join appearance_speakers q on q.appearance = p.id and q.quoted = 1
left join document_authors w on q.id is null and w.document = p.document
  and (not exists (select 1 from appearance_speakers b where b.appearance = p.id)
       or exists (select 1 from appearance_speakers b where b.appearance = p.id and b.name in (w.family, w.organization)))
left join organizations o on o.id = case when q.id is not null then q.name else w.organization end;
delete from stance_counts where action in (select id from touched);
insert into stance_counts
with own as (
  select v.action, v.argument, v.stance, v.inherited, k.side, case when v.about_another_action = 0 then v.document end as document,
         case when v.about_another_action = 0 then v.speaker_key end as speaker
  from touched t cross join voices v on v.action = t.id join stance_types k on k.id = v.stance)
select a.record_number * 1000000 + 1, a.id,
       count(distinct case when o.inherited = 0 and o.stance = 'supports' then o.argument end),
       count(distinct case when o.inherited = 0 and o.stance = 'supports_if' then o.argument end),
       count(distinct case when o.inherited = 0 and o.stance = 'opposes' then o.argument end),
       count(distinct case when o.inherited = 0 and o.stance = 'warns' then o.argument end),
       count(distinct case when o.inherited = 0 and o.stance = 'neutral' then o.argument end),
       count(distinct case when o.inherited = 0 and o.side = 'for' then o.document end),
       count(distinct case when o.inherited = 0 and o.side = 'for' then o.speaker end),
       count(distinct case when o.inherited = 0 and o.side = 'against' then o.document end),
       count(distinct case when o.inherited = 0 and o.side = 'against' then o.speaker end),
       count(distinct case when o.inherited = 1 then o.argument end)
from own o join actions a on a.id = o.action
group by a.id;
update actions set (arguments, argument_documents, argument_speakers) =
  (select count(distinct v.argument), count(distinct case when v.about_another_action = 0 then v.document end),
          count(distinct case when v.about_another_action = 0 then v.speaker_key end)
   from voices v where v.action = actions.id and v.inherited = 0)
where id in (select id from touched) and (arguments > 0 or id in (select action from stances));
update action_topics set arguments =
  (select count(distinct s.argument) from stances s join actions a on a.id = s.action join arguments g on g.id = s.argument
   where s.action = action_topics.action and a.withdrawn_on is null and g.withdrawn_on is null)
where action in (select id from touched) and (arguments > 0 or action in (select action from stances));
-- Where the text of an action is, where its number gives no address.
update actions set (text_url, text_official) =
  (select d.url, d.official from documents d where d.id = actions.official_text and d.url is not null)
where text_url is null and id in (select id from touched) and official_text in (select id from documents where url is not null);
update actions set (text_url, text_official) =
  (with recursive up(id, steps) as (
     select actions.part_of, 1 union all select w.part_of, steps + 1 from up join actions w on w.id = up.id where w.part_of is not null)
   select url, official from (
     select w.text_url as url, w.text_official as official, steps from up join actions w on w.id = up.id where w.text_url is not null
     union all select null, 0, 1000000)
   order by steps limit 1)
where text_url is null and part_of is not null and id in (select id from touched);
