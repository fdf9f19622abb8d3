-- What the provider calls a payment's move, so that whoever tells of it first, an answer or a message, writes it
-- down and all others change nothing. What was noted before has no such name.
alter table payment_event add column provider text not null default '';
alter table payment_event add column provider_reference text not null default '';
create unique index payment_event_once_at_provider on payment_event (provider, provider_reference, kind)
    where provider_reference <> '';
-- Where the buyer's browser goes on with a payment that needs them; forgotten as soon as it is decided.
alter table intent add column client_secret text not null default '';
-- A provider's message may name a payment only as the provider does.
create index intent_by_provider_reference on intent (provider, provider_reference);
-- Steps that were asked for, by time: few of them are left under way.
create index payment_event_asked on payment_event (time_ms) where kind in ('capture_asked', 'refund_asked');
