ALTER TABLE inventory_added ADD COLUMN currency text NOT NULL DEFAULT 'EUR';
