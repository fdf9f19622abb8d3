-- `pool` is the promotion that a code was made of, and says what it takes off; `is_pool`: codes were made of it.
alter table promotion add column uses_per_customer bigint;
alter table promotion add column has_budget boolean not null default false;
alter table promotion add column is_pool boolean not null default false;
alter table promotion add column pool text;

create index promotion_pool on promotion (pool, code);

-- What a promotion may take off in all, by currency, in minor units.
create table promotion_budget (
    code     text   not null references promotion (code),
    currency text   not null,
    amount   bigint not null,
    spent    bigint not null default 0,
    primary key (code, currency),
    check (spent >= 0 and spent <= amount)
);

-- How often a buyer has used a code, or the codes of a pool. `customer` is a digest; `uses_max` was the limit at the latest.
create table customer_use (
    code     text   not null references promotion (code),
    customer text   not null,
    uses     bigint not null,
    uses_max bigint not null,
    primary key (code, customer),
    check (uses >= 0 and uses <= uses_max)
);

-- What a use is given back to: unset where nothing was counted.
alter table redemption_use add column counted_by text;
alter table redemption_use add column customer text;
alter table redemption_use add column currency text;
alter table redemption_use add column amount bigint;
