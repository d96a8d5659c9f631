-- What people set for themselves in the chat: when nothing is to come, in the office's zone.
create table quiet (
    person_id bigint not null primary key,
    from_time text,                 -- HH:MM; null: no hours of the day
    to_time text,
    days text not null,             -- all | working
    set_at bigint not null
);

-- What of a report is not as its source usually is, and who found it right all the same.
alter table report add column odd text;             -- JSON; null: nothing
alter table report add column accepted_at bigint;
alter table report add column accepted_by bigint;   -- null: the office, by `duban report accept`
