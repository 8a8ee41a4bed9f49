-- PostgreSQL lets every role connect to a new database; a service's own role, and no other service's, may connect to this one.
-- Whoever makes the database may have forgotten it. Only its owner can do this: for another role it is a warning.
DO $$
BEGIN
  EXECUTE format('REVOKE ALL ON DATABASE %I FROM PUBLIC', current_database());
END
$$;
