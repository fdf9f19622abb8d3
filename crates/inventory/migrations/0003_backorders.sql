-- What may be sold before it is there: how much, and from when it leaves (YYYY-MM-DD, or nothing).
alter table stock add column backorder_max bigint
    constraint stock_never_beyond_backorders
    check (backorder_max is null or not backorder or not tracked or on_hand + backorder_max >= reserved);
alter table stock add column expected_on text not null default '';
alter table stock add column preorder boolean not null default false;
-- Which of the facts about this was the last.
alter table stock add column told_version bigint not null default 0;
