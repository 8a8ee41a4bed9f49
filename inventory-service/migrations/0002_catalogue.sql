-- The catalogue every new installation starts with, booked in the ledger as `seed` (I1).

WITH catalogue (item_id, item_name, quantity, price_cents) AS (VALUES
  ('ps5',        'PlayStation 5',       100, 49999),
  ('xbox',       'Xbox Series X',        75, 49999),
  ('switch',     'Nintendo Switch',     150, 29999),
  ('laptop',     'Gaming Laptop',        50, 149999),
  ('monitor',    '4K Gaming Monitor',   200, 69999),
  ('headset',    'Gaming Headset',       75, 9999),
  ('keyboard',   'Mechanical Keyboard',  55, 12999),
  ('mouse',      'Gaming Mouse',         80, 5999),
  ('chair',      'Gaming Chair',         20, 34999),
  ('webcam',     '4K Webcam',            35, 17999),
  ('microphone', 'Studio Microphone',    25, 14999),
  ('controller', 'Elite Controller',     42, 17999)
), items AS (
  INSERT INTO inventory (item_id, item_name, quantity, price_cents)
  SELECT item_id, item_name, quantity, price_cents FROM catalogue
)
INSERT INTO inventory_transactions (type, item_id, quantity)
SELECT 'seed', item_id, quantity FROM catalogue;
