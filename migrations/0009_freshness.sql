-- When an account was updated last, as far as a report or a feed says it.
create table freshness (
    account_id bigint not null primary key,
    updated_on text not null,       -- YYYY-MM-DD: the newest that anything said
    as_of text not null,            -- the day of the report that said so last
    source text not null,
    report_id bigint not null
);
create index freshness_source on freshness (source, report_id);
