-- Whether a report of a source has arrived today is asked at every slot and by every /status: from the
-- index alone, since the columns behind `raw` are reached only through it.
create index report_arrived on report (source, received_at, late, state);
