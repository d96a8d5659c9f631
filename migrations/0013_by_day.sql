-- What was opened and closed is counted by day: each index holds all that is asked, so that neither the
-- issues' texts nor the days before are read.
create index issue_opened on issue (opened_at, unit_id, account_id);
create index issue_closed on issue (closed_at, unit_id, account_id, close_reason, due_at, fix_reported_at)
    where closed_at is not null;
create index act_reopened on act (at, issue_id) where verb = 'reopened';
