-- The currency of the price, and the units that paid orders hold until they are final.
-- reserved_quantity keeps its meaning, units deducted and not released, held ones included: the version before writes it.
ALTER TABLE inventory
  ADD COLUMN currency text NOT NULL DEFAULT 'EUR',
  ADD COLUMN held_quantity integer NOT NULL DEFAULT 0 CHECK (held_quantity >= 0);
