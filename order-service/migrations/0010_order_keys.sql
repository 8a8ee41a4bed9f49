-- Once `orders` is divided by time, no index of it can hold a key only once (I3); this table does. Empty until then (ADR 24).
CREATE TABLE order_keys (
  idempotency_key text PRIMARY KEY,
  order_id        uuid NOT NULL
);

-- Before an order is inserted: claims its key, or skips the order. A key is free again when its order is gone.
CREATE FUNCTION claim_order_key() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO order_keys AS kept (idempotency_key, order_id) VALUES (NEW.idempotency_key, NEW.order_id)
  ON CONFLICT (idempotency_key) DO UPDATE SET order_id = excluded.order_id
    WHERE kept.order_id < (SELECT gone_before FROM retention);
  IF FOUND THEN
    RETURN NEW;
  END IF;
  RETURN NULL;
END $$;
