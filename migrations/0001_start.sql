-- One text for SQLite and PostgreSQL: bigint and text columns only (and one bytea), times as UTC
-- milliseconds, JSON as text, 0/1 for yes and no, ids taken in blocks from `counter`.

create table counter (name text not null primary key, next bigint not null);
create table meta (name text not null primary key, value text not null);

-- roster: who answers for what -------------------------------------------------------------------
create table unit (
    id bigint not null primary key,
    code text not null unique,
    name text not null,
    aliases text not null,          -- JSON array
    parent text,
    area text,
    kind text not null,
    gone bigint not null            -- 1 = left the roster; kept for the history
);
create table account (
    id bigint not null primary key,
    platform text not null,
    name text not null,
    uid text,
    unit text not null,             -- unit.code
    aliases text not null,
    homepage text,
    state text not null,
    valid_from text,
    valid_to text,
    gone bigint not null,
    unique (platform, name, unit)
);
create table person (
    id bigint not null primary key,
    code text not null unique,
    name text not null,
    role text not null,
    units text not null,
    operates text not null,
    gone bigint not null
);
-- names that a person's choice taught
create table alias (
    id bigint not null primary key,
    account_id bigint,
    unit_id bigint,
    name text not null,
    platform text,
    area text,
    valid_from text,
    valid_to text,
    decided_by bigint not null,
    decided_at bigint not null
);
create table invitation (
    code_hash text not null primary key,   -- SHA-256 of the code; the code itself is never stored
    person_id bigint not null,
    created_at bigint not null,
    expires_at bigint not null,
    used_at bigint,
    revoked_at bigint
);
create index invitation_person on invitation (person_id);
-- a person bound to a chat of a channel
create table binding (
    person_id bigint not null primary key,
    chat_id bigint not null unique,
    bound_at bigint not null,
    unreachable_since bigint,
    unreachable_why text
);

-- report: what arrived ---------------------------------------------------------------------------
create table source_state (
    source text not null primary key,
    etag text,
    last_modified text,
    last_ok_at bigint,
    last_error text,
    last_error_at bigint
);
create table report (
    id bigint not null primary key,
    source text not null,
    date text not null,             -- YYYY-MM-DD, the office's zone
    digest text not null,           -- SHA-256 of the raw bytes
    file_name text not null,
    format text not null,
    encoding text,
    mode text not null,             -- snapshot | incremental
    state text not null,            -- staging | processed | superseded
    late bigint not null,           -- 1 = older than the newest processed one: never verifies
    raw bytea not null,             -- deflated
    received_at bigint not null,
    processed_at bigint,
    counts text not null,           -- JSON
    rejected text not null,         -- JSON array of faults
    notes text not null,            -- JSON array
    unique (source, date, digest)
);
create index report_day on report (source, date);
create table finding (
    id bigint not null primary key,
    report_id bigint not null,
    sheet text,
    row_no bigint not null,
    outcome text not null,          -- matched | ambiguous | unmatched | positive
    matched_by text,
    account_id bigint,
    unit_id bigint,
    issue_id bigint,
    waiting_id bigint,
    identity text,                  -- of the issue it lists
    detected_at bigint not null,    -- when the platform saw it; else the end of the report's day
    body text not null              -- JSON of the row as understood
);
create index finding_report on finding (report_id);
create index finding_issue on finding (issue_id);
create index finding_waiting on finding (waiting_id);
-- printed names that no rule could place; asked once
create table waiting (
    id bigint not null primary key,
    identity text not null unique,
    source text not null,
    outcome text not null,          -- ambiguous | unmatched
    printed text not null,          -- JSON: names as printed
    candidates text not null,       -- JSON
    state text not null,            -- open | decided | dismissed
    first_seen bigint not null,
    last_seen bigint not null,
    decided_by bigint,
    decided_at bigint,
    alias_id bigint
);
create index waiting_state on waiting (state);

-- issue: what is tracked until it is closed --------------------------------------------------------
create table issue (
    id bigint not null primary key,  -- the number people use: #17
    identity text not null unique,
    source text not null,
    account_id bigint,
    unit_id bigint not null,
    category text not null,
    severity text not null,
    urgent bigint not null,
    state text not null,            -- open | acknowledged | fix_reported | closed
    close_reason text,
    disputed bigint not null,       -- 1 = a dispute waits for a manager
    matched_by text not null,
    wrong_text text,
    suggestion text,
    context text,
    title text,
    url text,
    opened_at bigint not null,
    told_at bigint,
    due_at bigint,
    remind_at bigint,               -- when the reminder is to be said; never after due_at
    due_why text,
    acknowledged_at bigint,
    fix_reported_at bigint,
    closed_at bigint,
    reopened bigint not null,
    last_report bigint not null,    -- report.id that listed it last
    last_seen_at bigint not null,
    reminded_at bigint,
    overdue_told_at bigint,
    revision bigint not null
);
create index issue_live on issue (state, remind_at);
create index issue_source on issue (source, state);
create index issue_unit on issue (unit_id, state);
create index issue_account on issue (account_id, state);
create table act (
    id bigint not null primary key,
    issue_id bigint not null,
    at bigint not null,
    verb text not null,
    person_id bigint,               -- null: a report or the clock did it
    update_id bigint,
    report_id bigint,
    note text,
    evidence text                   -- JSON: file_id, file_unique_id, size, kind
);
create index act_issue on act (issue_id);
create unique index act_once on act (update_id, issue_id, verb) where update_id is not null;

-- outbox: what is owed, and what was said ---------------------------------------------------------
create table notice (
    id bigint not null primary key,
    once text not null unique,      -- makes it happen once
    person_id bigint not null,
    kind text not null,
    issues text not null,           -- JSON array of issue ids
    detail text,                    -- JSON, by kind
    urgent bigint not null,
    state text not null,            -- owed | claimed | sent | dropped | dead | waiting
    created_at bigint not null,
    not_before bigint not null,
    attempts bigint not null,
    lease_until bigint,
    claim text,
    unsure bigint not null,         -- 1 = a send whose answer was lost; resent once with a mark
    settled_at bigint,
    error text
);
create index notice_due on notice (state, not_before);
create index notice_person on notice (person_id, state);
create table message (
    chat_id bigint not null,
    message_id bigint not null,
    person_id bigint not null,
    kind text not null,
    issues text not null,           -- JSON array; the position is the number people use
    page bigint not null,
    key text not null unique,       -- what the buttons carry
    sent_at bigint not null,
    expires_at bigint not null,
    detail text,
    primary key (chat_id, message_id)
);

-- inbox: what people did --------------------------------------------------------------------------
create table inbox (
    update_id bigint not null primary key,
    chat_id bigint not null,
    received_at bigint not null,
    raw text not null,
    state text not null,            -- new | done | failed
    attempts bigint not null,
    next_at bigint not null,
    error text
);
create index inbox_state on inbox (state, next_at);
create index inbox_chat on inbox (chat_id, state);
create table dialog (
    chat_id bigint not null primary key,
    person_id bigint not null,
    kind text not null,
    issues text not null,
    message_id bigint,
    expires_at bigint not null
);

-- schedule: a slot happens once --------------------------------------------------------------------
create table slot (
    job text not null,
    at bigint not null,
    taken_at bigint not null,
    attempts bigint not null,
    done_at bigint,
    error text,
    primary key (job, at)
);
create table lease (
    name text not null primary key,
    holder text not null,
    until bigint not null
);
