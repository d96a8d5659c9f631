-- By which message a person acted: the one they sent, or the one whose button they pressed.
alter table act add column chat_id bigint;
alter table act add column message_id bigint;
