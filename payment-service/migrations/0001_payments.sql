-- Payments, and the ledger of the money that the provider took and gave back.

-- One row per order. The first decision stands for ever (I14); a repeated or late command reads it.
CREATE TABLE payments (
  order_id        uuid PRIMARY KEY,
  -- NULL while the provider has not said what became of the charge.
  outcome         text CHECK (outcome IN ('applied', 'refused', 'voided')),
  reason          text CHECK (reason IN ('CARD_DECLINED', 'INSUFFICIENT_FUNDS', 'PAYMENT_DECLINED', 'ORDER_VOIDED')),
  amount_cents    bigint CHECK (amount_cents >= 0),
  currency        text,
  -- Kept only while a charge may still have to be sent.
  token           text,
  -- What the provider has not confirmed. It is committed before the provider is asked.
  waits_for       text CHECK (waits_for IN ('charge', 'refund')),
  created_at      timestamptz NOT NULL,
  decided_at      timestamptz,
  charged_at      timestamptz,
  refunded_at     timestamptz,
  -- How often the worker has asked the provider, and when it asks again.
  attempts        integer NOT NULL DEFAULT 0,
  next_attempt_at timestamptz,
  CHECK ((outcome IS NULL) = (decided_at IS NULL)),
  CHECK ((outcome IS NULL) = (waits_for IS NOT DISTINCT FROM 'charge')),
  CHECK ((reason IS NULL) = (outcome IS NULL OR outcome = 'applied')),
  CHECK (token IS NULL OR waits_for = 'charge'),
  CHECK ((amount_cents IS NULL) = (currency IS NULL)),
  CHECK ((waits_for IS NULL) = (next_attempt_at IS NULL)),
  CHECK (refunded_at IS NULL OR charged_at IS NOT NULL)
);
CREATE INDEX payments_open ON payments (next_attempt_at) WHERE waits_for IS NOT NULL;

-- Append only.
CREATE TABLE payment_transactions (
  -- (tx, seq) orders the ledger by commit: a reader that stays below pg_snapshot_xmin() never misses a late commit.
  tx               xid8 NOT NULL DEFAULT pg_current_xact_id(),
  seq              bigint GENERATED ALWAYS AS IDENTITY,
  transaction_type text NOT NULL CHECK (transaction_type IN ('charge', 'refund')),
  order_id         uuid NOT NULL,
  amount_change    bigint NOT NULL,
  currency         text NOT NULL,
  created_at       timestamptz NOT NULL DEFAULT now(),
  CHECK (CASE transaction_type WHEN 'charge' THEN amount_change >= 0 ELSE amount_change <= 0 END),
  PRIMARY KEY (tx, seq)
);
-- I14: at most one charge and one refund per order.
CREATE UNIQUE INDEX payment_transactions_once ON payment_transactions (order_id, transaction_type);

-- The memory of the reconciliation: one row. Without it, ledger and books are compared from their beginning again.
CREATE TABLE reconciliation (
  only_row     boolean PRIMARY KEY DEFAULT true CHECK (only_row),
  -- The process that compares. It renews the lease with every round that it saves; then another one may take over.
  holder       uuid NOT NULL,
  replica      text NOT NULL,
  lease_until  timestamptz NOT NULL,
  -- The verdict, which all replicas show.
  published    jsonb,
  published_at timestamptz,
  -- Positions, open references and differences from which it goes on.
  checkpoint   jsonb
);
