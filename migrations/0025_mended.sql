-- What a platform knows of each work order of an issue: one finding may stand in a report under several.
create table feedback_order (
    source text not null,
    issue_id bigint not null,
    ticket_no text not null,
    told text,                      -- what it was told last: state and time of it
    refused text,                   -- what it refused, likewise
    primary key (source, issue_id, ticket_no)
);
