-- Orders, which are their own outbox, and their timeline.

CREATE TABLE orders (
  id               uuid PRIMARY KEY,
  idempotency_key  text NOT NULL UNIQUE,  -- I3
  fingerprint      text NOT NULL,         -- of the meaning of the request (I10)
  status           text NOT NULL CHECK (status IN ('pending', 'confirmed', 'queued', 'failed', 'cancelling', 'cancelled')),
  reason           text,
  items            jsonb NOT NULL,
  -- The one answer to the request that placed the order. Text, because jsonb would reorder its keys (I10).
  response_status  smallint,
  response_body    text,
  attempts         integer NOT NULL DEFAULT 0,
  -- When the sweep may take the order. For a pending one this is the end of the request's lease.
  next_attempt_at  timestamptz,
  dead_lettered_at timestamptz,
  correlation_id   text NOT NULL,
  created_at       timestamptz NOT NULL,
  updated_at       timestamptz NOT NULL,
  CHECK ((response_status IS NULL) = (response_body IS NULL)),
  CHECK ((next_attempt_at IS NOT NULL) = (status IN ('pending', 'queued', 'cancelling') AND dead_lettered_at IS NULL))
);

-- What the sweep looks for: open orders by due time, nothing else, so it stays small however many orders there are.
CREATE INDEX orders_due ON orders (next_attempt_at) WHERE next_attempt_at IS NOT NULL;
CREATE INDEX orders_dead_lettered ON orders (dead_lettered_at) WHERE dead_lettered_at IS NOT NULL;
-- Ids are UUIDv7, so the primary key is also the order of creation; this one serves the list filtered by status.
CREATE INDEX orders_by_status ON orders (status, id);

-- Each order's timeline and the outbox of domain events, written in the transaction of the change it tells of.
CREATE TABLE order_events (
  -- (tx, seq) orders events by commit: a reader that stays below pg_snapshot_xmin() never misses a late commit.
  tx             xid8 NOT NULL DEFAULT pg_current_xact_id(),
  seq            bigint GENERATED ALWAYS AS IDENTITY,
  event_id       uuid NOT NULL DEFAULT uuidv7(),
  event_version  smallint NOT NULL DEFAULT 1,
  type           text NOT NULL,
  -- No foreign key: every event is inserted by the statement that inserts or moves its order.
  order_id       uuid NOT NULL,
  occurred_at    timestamptz NOT NULL DEFAULT now(),
  correlation_id text NOT NULL,
  causation_id   text NOT NULL,
  data           jsonb NOT NULL,
  -- Also what readers page by. A key of its own for seq would be one more index that every event is entered into.
  PRIMARY KEY (tx, seq)
);
CREATE INDEX order_events_by_order ON order_events (order_id, seq);
