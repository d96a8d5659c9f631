-- A file that stays in a folder is asked about at each slot: by its content, not by reading every report.
create index report_digest on report (source, digest);
