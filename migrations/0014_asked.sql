-- What somebody asked, by the key of the message that answers: its buttons and pages answer the same again.
create table asked (
    key text not null primary key,
    person_id bigint not null,
    body text not null,             -- JSON: the question, and what its buttons ask
    asked_at bigint not null
);
create index asked_at on asked (asked_at);
-- Figures of a period read only what happened in it, however much was closed before.
create index issue_unit_closed on issue (unit_id, closed_at) where closed_at is not null;
create index issue_account_closed on issue (account_id, closed_at) where closed_at is not null;
-- What people did, the newest first, without what reports did; and what one person did in a period.
create index act_by_people on act (id) where person_id is not null;
create index act_person_at on act (person_id, at);
