-- A file that stays in a folder is asked about at each slot: by its content, not by reading every report.
create index report_digest on report (source, digest);

-- What waits for people who left, should they come back: looked for at each audit, among all that waits for
-- people who are not bound.
create index notice_gone on notice (error, state) where error = 'the person left the roster';
