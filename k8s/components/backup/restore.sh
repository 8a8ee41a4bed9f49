#!/bin/sh
# Puts both databases back to a backup: restore.sh [NAME], the latest unless said.
# Order-service and inventory-service must be stopped; started again, they settle what was under way at that moment.
#
# PGHOST, PGPORT, ORDER_DB_PASSWORD, INVENTORY_DB_PASSWORD, BACKUP_FOLDER   as for backup.sh
set -eu
umask 077

say() { printf '%s\n' "restore: $*"; }
fail() { say "$*" >&2; exit 1; }

name=${1:-$(find "$BACKUP_FOLDER" -mindepth 1 -maxdepth 1 -type d -name '[0-9]*T[0-9]*Z' | sort | tail -n 1)}
name=${name##*/}
backup=$BACKUP_FOLDER/$name
[ -n "$name" ] && [ -d "$backup" ] || fail "there is no backup \"$name\" in $BACKUP_FOLDER"
(cd "$backup" && sha256sum --check --quiet checksums) || fail "$name is damaged: nothing was changed"

work=$(mktemp -d "$BACKUP_FOLDER/.restore-XXXXXX")
trap 'rm -rf "$work"' EXIT
trap 'exit 1' HUP INT TERM

query() { # role, database, password, query
  PGPASSWORD=$3 PGCONNECT_TIMEOUT=10 psql --no-psqlrc --quiet --no-align --tuples-only --set ON_ERROR_STOP=1 \
    --username "$1" --dbname "$2" --command "$4"
}

# Somebody who still writes would mix two histories. Of another role's session PostgreSQL shows the user, but not backend_type.
others=$(query order_service order_db "$ORDER_DB_PASSWORD" "
  SELECT count(*) FROM pg_stat_activity
  WHERE datname IN ('order_db', 'inventory_db') AND usename IS NOT NULL AND pid <> pg_backend_pid()")
[ "$others" = 0 ] || fail "$others connections to the databases are open: stop the services first. Nothing was changed."

# To SQL first: what cannot be read to its end must not be half applied.
for database in order_db inventory_db; do
  pg_restore --no-owner --no-privileges --file "$work/$database.sql" "$backup/$database.dump"
done
# Everything goes, also what a newer migration made since.
echo 'DROP SCHEMA public CASCADE; CREATE SCHEMA public AUTHORIZATION pg_database_owner;' > "$work/empty.sql"

# Transaction ids are the old server's. One that has given out fewer would take these for not yet ended, and readers would
# wait for them (ADR 5). 2 is FrozenTransactionId, below every id a server gives out; `seq` keeps the order.
echo "UPDATE public.order_events SET tx = '2';" > "$work/order_db.past.sql"
echo "UPDATE public.inventory_transactions SET tx = '2'; UPDATE public.inventory_decisions SET tx = '2';" \
  > "$work/inventory_db.past.sql"

apply() { # role, database, password: in one transaction, so all of it or nothing
  PGPASSWORD=$3 psql --no-psqlrc --quiet --set ON_ERROR_STOP=1 --single-transaction --output /dev/null \
    --username "$1" --dbname "$2" --file "$work/empty.sql" --file "$work/$2.sql" --file "$work/$2.past.sql"
}
apply order_service order_db "$ORDER_DB_PASSWORD"
apply inventory_service inventory_db "$INVENTORY_DB_PASSWORD"

orders=$(query order_service order_db "$ORDER_DB_PASSWORD" 'SELECT count(*) FROM orders')
decisions=$(query inventory_service inventory_db "$INVENTORY_DB_PASSWORD" 'SELECT count(*) FROM inventory_decisions')
[ "$(printf 'orders=%s\ndecisions=%s' "$orders" "$decisions")" = "$(cat "$backup/counts")" ] ||
  fail "$orders orders and $decisions decisions are there, but the backup counted $(tr '\n' ' ' < "$backup/counts")"
say "$name is back: $orders orders, $decisions decisions of inventory"
