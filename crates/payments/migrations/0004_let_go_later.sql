-- Payments that are barred here and are yet to be let go at their provider, which did not answer: few of all events.
create index payment_event_let_go_asked on payment_event (time_ms) where kind = 'let_go_asked';
