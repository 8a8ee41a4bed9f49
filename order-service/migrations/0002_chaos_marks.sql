-- A mark of an injected fault stands on a timeline once, however often and by whichever replica it is brought there.
CREATE UNIQUE INDEX order_events_marks ON order_events (event_id) WHERE type = 'chaos.fault_fired';
