-- PostgreSQL lets every role connect to a new database; a service's own role, and no other service's, may connect to this one.
-- The database may have been created without this rule. Only its owner can set it: any other role gets a warning.
DO $$
BEGIN
  EXECUTE format('REVOKE ALL ON DATABASE %I FROM PUBLIC', current_database());
END
$$;
