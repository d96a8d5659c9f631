-- What was decided about people in the chat: added, given other units, replaced. It stands as long as the
-- office's table still says what it said before; then the table decides again.
create table person_word (
    person_id bigint not null primary key,
    before text,                    -- JSON of the person as the table had them; null: it did not
    by_id bigint not null,
    at bigint not null
);
-- Who did what about a person: added, invited, revoked, bound, unbound, replaced, succeeded.
create table person_act (
    id bigint not null primary key,
    person_id bigint not null,
    at bigint not null,
    verb text not null,
    by_id bigint,                   -- null: they themselves, by an invitation
    other_id bigint,                -- the successor, or whom they succeed
    update_id bigint
);
create index person_act_person on person_act (person_id, id);
-- What was asked for about people and waits to be confirmed.
create table staffing (
    id bigint not null primary key,
    by_id bigint not null,
    at bigint not null,
    old_id bigint,                  -- who is replaced; null: somebody is added
    new_id bigint,                  -- a successor who is in the roster
    person text,                    -- JSON of one who is not
    state text not null             -- draft | done
);
-- Which menu of commands the chat has, to set it anew when it is another.
alter table binding add column menu text;

-- The group of a unit, which is told of the unit's new findings.
create table unit_group (
    id bigint not null primary key,
    unit_id bigint not null unique,
    chat_id bigint not null unique,
    thread_id bigint,               -- the topic it was bound in
    title text not null,
    private bigint not null,        -- 1 = each person is told besides; 0 = only where the group cannot
    bound_by bigint not null,
    bound_at bigint not null
);
create table group_code (
    code_hash text not null primary key,
    unit_id bigint not null,
    person_id bigint not null,
    created_at bigint not null,
    expires_at bigint not null,
    used_at bigint
);
