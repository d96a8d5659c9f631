-- When an issue was listed last. It stands apart from the issue: of a day's report nine in ten rows only say that an
-- issue is still there, and to say so in the issue's own row meant to write all of it anew, its texts and its indexes.
create table issue_seen (
    issue_id bigint not null primary key,
    report_id bigint not null,      -- the report that listed it last
    at bigint not null
);
insert into issue_seen (issue_id, report_id, at) select id, last_report, last_seen_at from issue;
alter table issue drop column last_report;
alter table issue drop column last_seen_at;
