-- Where buyers may collect, and what they need to know for it: JSON.
alter table location add column pickup boolean not null default false;
alter table location add column details text not null default '{}';
