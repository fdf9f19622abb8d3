-- What the columns of a zone and its rates cannot say: postal codes, times, parts, rounding, shipping. All zones of one
-- country and region are one JSON list of {"position", "zone"}; null: an earlier release wrote the zone, in columns.
alter table tax_zone add column document text;
