-- Which process holds the lease of an open order. A process takes a number at its start, and holds the advisory lock of that number
-- while it lives. The server releases the lock when the process dies; then nobody has to wait for the end of its leases.
ALTER TABLE orders ADD COLUMN owner integer;
CREATE SEQUENCE order_owners AS integer CYCLE;
