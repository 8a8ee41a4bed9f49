-- An order that came to an end is no dead letter any more; moves clear this now.
UPDATE orders SET dead_lettered_at = NULL WHERE dead_lettered_at IS NOT NULL AND status NOT IN ('queued', 'cancelling');
