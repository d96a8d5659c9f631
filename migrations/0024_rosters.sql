-- What was done to the roster as a whole: imports, renames, mergers; each with what it changed.
create table roster_change (
    id bigint not null primary key,
    at bigint not null,
    verb text not null,             -- import | rename | merge
    source text not null,           -- the path of an import, or what was renamed or merged
    version bigint not null,        -- of the roster afterwards
    counts text not null,           -- JSON: what, added, changed, gone
    withdrawn bigint not null,      -- issues that were closed by it
    notes text not null             -- JSON array
);
create table roster_change_row (
    change_id bigint not null,
    n bigint not null,
    what text not null,             -- units | accounts | people
    row_key text not null,
    name text not null,             -- behind a code; '' where the key says it
    kind text not null,             -- added | changed | gone
    details text not null,          -- JSON: field, before, after
    primary key (change_id, n)
);
-- Units that are part of others from a day on: a table that still lists one does not bring it back.
create table unit_merged (
    unit_id bigint not null primary key,
    into_id bigint not null,
    on_day text not null
);
