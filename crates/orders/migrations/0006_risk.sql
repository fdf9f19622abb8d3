-- Payments that were tried lately, by what they came from: digests under the day's key, which is erased a day later.
-- Of what is bought, tries that went well stand here too, once one was declined.
create table payment_try (
    position  {{identity}},
    trail     text   not null,
    declined  bigint not null,
    time_ms   bigint not null
);
create index payment_try_by_trail on payment_try (trail, time_ms);
create index payment_try_by_time on payment_try (time_ms);

create table risk_key (
    day      bigint not null primary key,
    seal_key text   not null
);

-- Purchases that were not let through, and why.
create table refusal (
    id          text   not null primary key,
    checkout_id text   not null,
    document    text   not null,
    time_ms     bigint not null
);
create index refusal_by_time on refusal (time_ms);
