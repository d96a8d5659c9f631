-- Acts beyond seen and fixed. How it was fixed; the account of an issue that went to another unit, whose
-- operators answer no more; to whom an issue was handed.
alter table issue add column fix_how text;          -- edited | deleted | reposted | other
alter table issue add column about_id bigint;       -- account.id; account_id is null then
alter table issue add column handler_id bigint;     -- person.id
-- When the managers were told that no report confirms the reported fix.
alter table issue add column unconfirmed_at bigint;

-- What stood before an act (JSON), so that who did it can take it back for some minutes.
alter table act add column prior text;
create index act_person on act (person_id, id);

-- What waits for a manager: more time, another unit. A draft is what a person asked for in the chat and
-- has not confirmed.
create table request (
    id bigint not null primary key,
    issue_id bigint not null,
    kind text not null,             -- extension | reassignment
    state text not null,            -- draft | open | granted | refused | withdrawn | moot
    asked_by bigint not null,
    asked_at bigint not null,
    until bigint,                   -- extension: the due time that is asked for
    unit_id bigint,                 -- reassignment: the unit that is to answer
    reason text not null,
    ruled_by bigint,
    ruled_at bigint
);
create index request_state on request (state, issue_id);
create index request_issue on request (issue_id);

-- Wordings that a manager ruled right: they open no issue any more.
create table allowed (
    id bigint not null primary key,
    wording text not null,          -- as identities compare it
    printed text not null,          -- as the report had it
    account_id bigint,              -- null: everywhere
    issue_id bigint not null,       -- by whose dispute
    by_person bigint not null,
    at bigint not null,
    revoked_at bigint
);
create index allowed_wording on allowed (wording);
