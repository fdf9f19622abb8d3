-- What buyers have saved to pay with. Who has the key has the wallet; of it there is only a digest. One that is forgotten
-- keeps its row, closed and without a digest, so that nothing is saved in it any more.
create table wallet (
    id            text   not null primary key,
    key_digest    text   not null,
    created_at_ms bigint not null,
    closed_at_ms  bigint not null default 0
);
create index wallet_by_time on wallet (created_at_ms);
-- Who has paid with a wallet, as `orders` calls them: it is forgotten with any of them.
create table wallet_person (
    wallet_id text not null references wallet (id),
    person_id text not null,
    primary key (wallet_id, person_id)
);
create index wallet_person_by_person on wallet_person (person_id);
-- Who is forgotten: a payment of theirs that comes late ties no wallet to them.
create table forgotten_person (
    person_id text   not null primary key,
    time_ms   bigint not null
);
-- What a provider calls the owner of a wallet: noted before it is asked for one, and after. One to be forgotten there is
-- due at `forget_at_ms`.
create table wallet_customer (
    wallet_id    text   not null references wallet (id),
    provider     text   not null,
    reference    text   not null default '',
    forget_at_ms bigint not null default 0,
    primary key (wallet_id, provider)
);
create index wallet_customer_to_forget on wallet_customer (forget_at_ms) where forget_at_ms > 0;
-- A method that is removed tells nothing of its card; its provider is to forget it at `detach_at_ms`, 0 once it has.
create table saved_method (
    id                 text   not null primary key,
    wallet_id          text   not null references wallet (id),
    provider           text   not null,
    provider_reference text   not null,
    method             text   not null,
    brand              text   not null,
    last_four          text   not null,
    expiry_month       bigint not null,
    expiry_year        bigint not null,
    created_at_ms      bigint not null,
    last_used_at_ms    bigint not null default 0,
    removed_at_ms      bigint not null default 0,
    detach_at_ms       bigint not null default 0
);
create unique index saved_method_once on saved_method (provider, provider_reference);
create index saved_method_by_wallet on saved_method (wallet_id);
create index saved_method_to_detach on saved_method (detach_at_ms) where detach_at_ms > 0;
-- Methods about to be saved without a purchase, once a key of the buyer's. The token is not among it.
create table wallet_setup (
    id                 text   not null primary key,
    wallet_id          text   not null references wallet (id),
    request_key        text   not null,
    request_digest     text   not null,
    provider           text   not null,
    method             text   not null,
    provider_reference text   not null default '',
    state              text   not null,
    action_url         text   not null default '',
    client_secret      text   not null default '',
    failure_reason     text   not null default '',
    failure_text       text   not null default '',
    method_id          text   not null default '',
    created_at_ms      bigint not null
);
create unique index wallet_setup_once on wallet_setup (wallet_id, request_key);
create index wallet_setup_by_provider on wallet_setup (provider, provider_reference);
create index wallet_setup_by_time on wallet_setup (created_at_ms);
-- The wallet that a payment is made with, what was saved there and pays, and whether what pays is to be saved: 0 no, 1 once
-- it is authorised, 2 done.
alter table intent add column wallet_id text not null default '';
alter table intent add column method_id text not null default '';
alter table intent add column remembers bigint not null default 0;
create index intent_by_wallet on intent (wallet_id) where wallet_id <> '';
create index intent_remembers on intent (id) where remembers = 1;
