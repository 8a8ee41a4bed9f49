#!/bin/sh
# Makes a database and its owner for each service, as far as they are missing, and gives each owner its password. There is a
# variable for each service: ORDER_DB_PASSWORD makes the role order_service and its database order_db.
# Run at each start, so that a service that is added finds its database, and a password that is changed is taken over.
# Compose and Kubernetes run this same file, as the superuser of a server that accepts connections.
set -eu

prepare_database() { # role, database, name of the variable that holds the password
  psql --no-psqlrc --quiet --output /dev/null --set ON_ERROR_STOP=1 --username "${POSTGRES_USER:-postgres}" --dbname postgres \
    --set role="$1" --set database="$2" --set variable="$3" <<'SQL'
\getenv password :variable
SELECT format('CREATE ROLE %I', :'role') WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = :'role') \gexec
ALTER ROLE :"role" LOGIN PASSWORD :'password';
SELECT format('CREATE DATABASE %I OWNER %I', :'database', :'role')
WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = :'database') \gexec
-- Each service sees its own database and no other.
REVOKE ALL ON DATABASE :"database" FROM PUBLIC;
SQL
}

for key in $(env | sed -n 's/^\([A-Z]*\)_DB_PASSWORD=.*/\1/p' | sort); do
  name=$(echo "$key" | tr '[:upper:]' '[:lower:]')
  prepare_database "${name}_service" "${name}_db" "${key}_DB_PASSWORD"
done
