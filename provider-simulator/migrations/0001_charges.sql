-- What a payment provider knows: charges by reference, its books, and the webhooks that it still has to send.

CREATE TABLE charges (
  reference    text PRIMARY KEY,
  amount       bigint NOT NULL,
  currency     text NOT NULL,
  source       text NOT NULL,
  status       text NOT NULL CHECK (status IN ('processing', 'succeeded', 'failed', 'canceled', 'refunded')),
  failure_code text,
  created_at   timestamptz NOT NULL DEFAULT now(),
  -- A charge in progress that succeeds by itself does so then.
  succeeds_at  timestamptz,
  -- Whether its outcome may be asked for; until then it is told by webhook alone.
  tells_at     timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX charges_succeeding ON charges (succeeds_at) WHERE status = 'processing' AND succeeds_at IS NOT NULL;

-- Append only: the third truth, with which game days compare the other two.
CREATE TABLE books (
  -- (tx, seq) orders the books by commit: a reader that stays below pg_snapshot_xmin() never misses a late commit.
  tx         xid8 NOT NULL DEFAULT pg_current_xact_id(),
  seq        bigint GENERATED ALWAYS AS IDENTITY,
  type       text NOT NULL CHECK (type IN ('charge', 'refund')),
  reference  text NOT NULL,
  amount     bigint NOT NULL,
  currency   text NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (tx, seq)
);
CREATE INDEX books_by_reference ON books (reference);

CREATE TABLE webhooks (
  id         uuid PRIMARY KEY,
  reference  text NOT NULL,
  body       text NOT NULL,
  -- How often it is still sent: a provider delivers at least once.
  deliveries integer NOT NULL,
  attempts   integer NOT NULL DEFAULT 0,
  due_at     timestamptz NOT NULL
);
CREATE INDEX webhooks_due ON webhooks (due_at);
