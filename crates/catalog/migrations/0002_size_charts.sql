-- The measures of sizes, by a value of the attribute: JSON.
alter table attribute_definition add column size_charts text not null default '[]';
