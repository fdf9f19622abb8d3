-- What a rate has beside a flat price or one by weight, as JSON: prices by pieces or by value (`flat` is `[]` then), where it
-- is collected, until when orders leave the same day.
alter table shipping_rate add column details text not null default '{}';
