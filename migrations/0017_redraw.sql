-- Which messages show an issue: those that are edited when it changes. Rows are forgotten after `until`.
create table shown (
    issue_id bigint not null,
    chat_id bigint not null,
    message_id bigint not null,
    until bigint not null,
    primary key (issue_id, chat_id, message_id)
);
create index shown_until on shown (until);

-- 0: the messages that show the act's issue do not know of it yet.
alter table act add column shown bigint not null default 1;
create index act_unshown on act (id) where shown = 0;

-- How the message was drawn last (a hash), and when it has to be drawn again; null: it is as it should be.
alter table message add column drawn bigint;
alter table message add column redraw_at bigint;
create index message_redraw on message (redraw_at) where redraw_at is not null;
