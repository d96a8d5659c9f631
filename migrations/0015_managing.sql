-- What managers do from the chat: nudges, announcements with receipts, exports of a period, and what people
-- do not want to be sent for some time.

-- A nudge: a draft while its units are being chosen, then what was sent.
create table nudge (
    id bigint not null primary key,
    by_person bigint not null,
    state text not null,            -- draft | sent
    units text not null,            -- JSON array of unit ids; empty: none chosen
    created_at bigint not null,
    sent_at bigint,
    told text                       -- JSON: who was told of how many, and what was left out
);
-- Until when an issue is not nudged again, whoever asks.
create table nudged (
    issue_id bigint not null primary key,
    at bigint not null,
    until bigint not null,
    by_person bigint not null
);

create table announcement (
    id bigint not null primary key,
    by_person bigint not null,
    state text not null,            -- draft | sent | dropped
    text text not null,             -- as typed
    leads_only bigint not null,
    units text not null,            -- JSON array of unit ids; empty: all of the sender's scope
    created_at bigint not null,
    sent_at bigint
);
create index announcement_by on announcement (by_person, id);
create table receipt (
    announcement_id bigint not null,
    person_id bigint not null,
    read_at bigint,
    nudged_at bigint,               -- when it was said again
    nudges bigint not null,
    primary key (announcement_id, person_id)
);

-- What people do not want to be sent for some time.
create table mute (
    person_id bigint not null,
    what text not null,             -- summary | holiday | unconfirmed
    until bigint,                   -- null: until they want it again
    set_at bigint not null,
    primary key (person_id, what)
);

-- The last summary that a person was sent.
create index notice_summary on notice (person_id, id) where kind = 'summary';
