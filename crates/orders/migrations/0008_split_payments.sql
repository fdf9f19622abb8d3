-- A purchase that several payments pay. A process of an earlier release knows one payment of an attempt, and would take all by it.
-- So `lease_until_ms` of such an attempt lies where no time comes, and the real lease is here: nobody who does not know it takes
-- the attempt up, and who asks for it waits for its outcome. An attempt of several that waits for the buyer is `running` to
-- them, since one that is `parked` is taken over whatever its lease.
alter table attempt add column split_lease_ms bigint;
alter table attempt add column split_parked bigint;
create index attempt_by_split_lease on attempt (split_lease_ms) where split_lease_ms is not null and state <> 'done';

-- The payment that a step is about; null: the order's only one. Likewise the real lease of a step that names one.
alter table order_step add column intent_id text;
alter table order_step add column split_lease_ms bigint;
create index order_step_by_split_lease on order_step (split_lease_ms) where split_lease_ms is not null and state = 'open';
