-- Since when an order waits for the worker: queued, being cancelled, or redriven. A column and not the latest of its events,
-- since the age of the oldest is asked for every second, over all that wait.
ALTER TABLE orders ADD COLUMN waiting_since timestamptz;
UPDATE orders SET waiting_since = updated_at WHERE status IN ('queued', 'cancelling');
