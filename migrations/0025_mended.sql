-- What a platform knows of each work order of an issue: one finding may stand in a report under several.
create table feedback_order (
    source text not null,
    issue_id bigint not null,
    ticket_no text not null,
    told text,                      -- what it was told last: state and time of it
    refused text,                   -- what it refused, likewise
    primary key (source, issue_id, ticket_no)
);

-- The bytes of reports stand by themselves: what was counted of a report stood behind them, and a list of reports had
-- to read through them.
create table report_raw (
    report_id bigint not null primary key,
    raw bytea not null              -- deflated
);
insert into report_raw (report_id, raw) select id, raw from report;
alter table report drop column raw;
