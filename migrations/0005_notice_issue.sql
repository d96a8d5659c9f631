-- Which notices are about an issue, by index: its history and the auditor ask. A notice's list of
-- issues is JSON text, which the engines take apart differently; trimming digits is common to both.
create table notice_issue (
    issue_id bigint not null,
    notice_id bigint not null,
    primary key (issue_id, notice_id)
);
insert into notice_issue (issue_id, notice_id)
with recursive part (notice_id, word, rest) as (
    select id, '', ltrim(issues, '[') from notice where kind <> 'unmatched'
    union all
    select notice_id,
           substr(rest, 1, length(rest) - length(ltrim(rest, '0123456789'))),
           ltrim(ltrim(rest, '0123456789'), ',')
    from part where rest <> '' and rest <> ']'
)
select distinct cast(word as bigint), notice_id from part where word <> '';
