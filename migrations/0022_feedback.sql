-- What is told back to platforms: which sources want it, and a row for each source and issue, so that
-- several acts come down to the newest state, in order.
create table feedback_want (
    source text not null primary key,
    calls bigint not null,          -- 1 = by HTTP calls; 0 = only by a file
    wait_ms bigint not null         -- how long a change waits, so that it can be taken back
);
create table feedback (
    source text not null,
    issue_id bigint not null,
    state text not null,            -- owed | claimed | told | known | idle | refused | failed
    changed_at bigint not null,     -- the act that changed it last
    own bigint not null,            -- 1 = that act came by a report of this very source: it knows
    revision bigint not null,       -- counts the changes: what was read before the last one settles nothing
    owed_since bigint not null,     -- the first change that the platform was not told of
    next_at bigint not null,
    attempts bigint not null,
    claim text,
    lease_until bigint,
    told text,                      -- what the platform knows: state and time of it
    told_at bigint,
    told_word text,                 -- the state that it was told, in words
    error text,
    unfiled bigint not null,        -- 1 = changed since it stood in a file
    filed text,                     -- as told, of the last file
    filed_at bigint,
    primary key (source, issue_id)
);
create index feedback_due on feedback (next_at) where state = 'owed';
create index feedback_leased on feedback (lease_until) where state = 'claimed';
create index feedback_unfiled on feedback (source, issue_id) where unfiled = 1;
create index feedback_failed on feedback (source) where state in ('failed', 'refused');
create index feedback_issue on feedback (issue_id);
