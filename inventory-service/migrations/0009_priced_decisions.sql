-- A decision tells the prices of its moment: their currency, and one for each line of `items`. Older decisions have none.
ALTER TABLE inventory_decisions
  ADD COLUMN prices jsonb,
  -- A reservation that is neither committed nor released (I17).
  ADD COLUMN held boolean NOT NULL DEFAULT false;
