-- What was sent as evidence, by its SHA-256 in hex; '' where it could not be fetched. Null: not asked for yet.
alter table act add column sha256 text;
alter table act add column fetch_at bigint;     -- when to ask again; null: now
create index act_unhashed on act (id) where evidence is not null and sha256 is null;

-- The photos of an album come one by one; to which issues its first one was kept, the others belong too.
create table album (
    chat_id bigint not null,
    group_id text not null,
    issues text not null,           -- JSON array
    at bigint not null,
    primary key (chat_id, group_id)
);
