-- What campaigns may be used for in all: how often, and for how much, by currency. The names are those of `campaign`.
create table campaign_limit (
    name     text   not null primary key references campaign (name),
    uses     bigint not null default 0,
    uses_max bigint,
    check (uses >= 0 and (uses_max is null or uses <= uses_max))
);

create table campaign_budget (
    name     text   not null references campaign (name),
    currency text   not null,
    amount   bigint not null,
    spent    bigint not null default 0,
    primary key (name, currency),
    check (spent >= 0 and spent <= amount)
);

-- How often a buyer has used a campaign. `customer` is a digest; `uses_max` was the limit at the latest.
create table campaign_customer_use (
    name     text   not null references campaign (name),
    customer text   not null,
    uses     bigint not null,
    uses_max bigint not null,
    primary key (name, customer),
    check (uses >= 0 and uses <= uses_max)
);

-- What a redemption took of campaigns; unset where nothing was counted.
create table campaign_redemption_use (
    redemption_id text not null references redemption (id),
    name          text not null,
    customer      text,
    currency      text,
    amount        bigint,
    primary key (redemption_id, name)
);
