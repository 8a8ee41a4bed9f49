#!/bin/sh
# Run once, by the postgres image, on an empty data folder: a database and its owner for each service. There is a variable for
# each: ORDER_DB_PASSWORD makes the role order_service and its database order_db.
# Compose and Kubernetes mount this same file.
set -eu

create_database() { # role, database, name of the variable that holds the password
  psql --quiet --set ON_ERROR_STOP=1 --username "${POSTGRES_USER:-postgres}" --dbname postgres \
    --set role="$1" --set database="$2" --set variable="$3" <<'SQL'
\getenv password :variable
CREATE ROLE :"role" LOGIN PASSWORD :'password';
CREATE DATABASE :"database" OWNER :"role";
-- Each service sees its own database and no other.
REVOKE ALL ON DATABASE :"database" FROM PUBLIC;
SQL
}

for key in $(env | sed -n 's/^\([A-Z]*\)_DB_PASSWORD=.*/\1/p' | sort); do
  name=$(echo "$key" | tr '[:upper:]' '[:lower:]')
  create_database "${name}_service" "${name}_db" "${key}_DB_PASSWORD"
done
