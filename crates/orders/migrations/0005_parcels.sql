-- The location that sent a parcel; null: nobody said.
alter table order_fulfilment add column location_id text;
