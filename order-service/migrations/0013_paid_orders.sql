-- What an order costs, and how it is paid. The unit prices stand in `items`.
ALTER TABLE orders
  ADD COLUMN currency text,
  ADD COLUMN expected_total_cents bigint,
  -- Kept only while the payment is still to be asked for.
  ADD COLUMN payment_token text,
  -- Of paid orders only.
  ADD COLUMN payment_deadline timestamptz;
