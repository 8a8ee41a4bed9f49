-- Since when a payment has waited for what it waits for. Its age would say nothing: an order may be cancelled months after its charge.
ALTER TABLE payments ADD COLUMN waits_since timestamptz;
