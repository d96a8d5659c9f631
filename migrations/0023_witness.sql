-- Which sources list an issue: the same finding of two sources is one issue with two witnesses.
create table witness (
    issue_id bigint not null,
    source text not null,
    stands text not null,           -- listed | silent | done
    first_seen_at bigint not null,
    ticket_no text,                 -- the newest work order of this source
    said text,                      -- what its state columns said last
    primary key (issue_id, source)
);
-- What a source lists, or is silent about while the issue is still open; nothing that is over.
create index witness_now on witness (source, issue_id) where stands <> 'done';
insert into witness (issue_id, source, stands, first_seen_at)
    select i.id, i.source, case when r.mode = 'snapshot' then 'listed' else 'done' end, i.opened_at
    from issue i left join report r on r.id = i.last_report where i.state <> 'closed';

-- Every work order of an issue, to be found by its number.
create table ticket (
    ticket_no text not null,
    issue_id bigint not null,
    source text not null,
    primary key (ticket_no, issue_id, source)
);
-- The work orders that a person is shown.
alter table issue add column tickets text;
