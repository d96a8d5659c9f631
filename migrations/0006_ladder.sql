-- The ladder of an issue, as it was laid when its deadline started: its steps with their times (JSON),
-- when the next one is, and up to when they were said.
alter table issue add column ladder text;
alter table issue add column step_at bigint;
alter table issue add column stepped_at bigint;

-- What runs keeps the two steps it had: a reminder for the operator, and the warning for the lead too.
update issue set ladder =
    '{"since":' || cast(told_at as text) || ',"steps":['
    || '{"when":"before_due","at":{"before":{"amount":1,"unit":"working_days"}},"tell":["operator"]},'
    || '{"when":"overdue","at":"now","tell":["operator","lead"]}],"rungs":['
    || '[0,1,' || cast(remind_at as text) || '],[1,1,' || cast(due_at as text) || ']]}'
where state <> 'closed' and told_at is not null and due_at is not null and remind_at is not null;
update issue set
    stepped_at = case when overdue_told_at is not null then due_at
                      when reminded_at is not null and remind_at < due_at then remind_at
                      when reminded_at is not null then due_at - 1 end,
    step_at = case when overdue_told_at is not null then null
                   when reminded_at is not null then due_at
                   else remind_at end
where ladder is not null;

drop index issue_live;
create index issue_live on issue (state, step_at);
alter table issue drop column remind_at;
alter table issue drop column reminded_at;
alter table issue drop column overdue_told_at;
