-- What the report that started an issue's deadline says of when (JSON: source, report, received,
-- found, published), so that a changed policy can be asked again. Of issues that are older than this
-- column only the source is known: `duban policy apply` counts them from when they were told.
alter table issue add column stamps text;
