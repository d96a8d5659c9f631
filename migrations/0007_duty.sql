-- Who stands in for whom, from when to when: days of the office's zone, both included. A draft is what
-- a person asked for in the chat and has not confirmed; begun_at and ended_at say that the open issues
-- were handed over, and handed back.
create table duty (
    id bigint not null primary key,
    person_id bigint not null,
    stand_in_id bigint not null,
    from_day text not null,         -- YYYY-MM-DD
    to_day text not null,
    rota bigint not null,           -- 1 = a turn of a weekly rotation, not a leave
    state text not null,            -- draft | set | cancelled
    entered_by bigint,              -- null: the office, by `duban duty`
    entered_at bigint not null,
    cancelled_by bigint,
    cancelled_at bigint,
    begun_at bigint,
    ended_at bigint
);
create index duty_days on duty (state, to_day);
create index duty_person on duty (person_id, state);
