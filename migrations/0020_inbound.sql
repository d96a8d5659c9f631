-- What was answered to a pushed report, by the key that its sender gave it: the same once more is answered the same.
create table pushed (
    source text not null,
    key text not null,
    digest text not null,           -- SHA-256 of the content and the day that was named with it
    status bigint not null,         -- the HTTP status of the answer
    body text not null,             -- JSON
    at bigint not null,
    primary key (source, key)
);
create index pushed_at on pushed (at);

-- Report files that were sent to the bot and wait for a word.
create table upload (
    id bigint not null primary key,
    person_id bigint not null,
    chat_id bigint not null,
    file text not null,             -- JSON: what the channel keeps, as of evidence
    source text,                    -- null: not chosen yet
    day text,                       -- YYYY-MM-DD as somebody said it; null: the one in its name, else that of its arrival
    state text not null,            -- read | shown | import | done | dropped | failed
    raw bytea,                      -- deflated; none: not fetched yet, or not needed any more
    key text not null,              -- of the message that shows it
    message_id bigint,              -- that message
    report_id bigint,               -- what it became
    at bigint not null,             -- when it was sent
    next_at bigint not null,        -- when it is worked on next
    expires_at bigint not null
);
create index upload_work on upload (next_at) where state in ('read', 'import');
create index upload_expires on upload (expires_at);
