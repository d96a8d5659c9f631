-- A learned name that was taken back is kept, with who did it and when; null: it counts.
alter table alias add column undone_at bigint;
alter table alias add column undone_by bigint;  -- null: the office, by a command
create index waiting_alias on waiting (alias_id) where alias_id is not null;
