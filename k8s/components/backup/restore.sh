#!/bin/sh
# Puts all databases back to a backup: restore.sh [NAME], the latest unless said.
# The services must be stopped; started again, they settle what was under way at that moment.
#
# PGHOST, PGPORT, ORDER_DB_PASSWORD and its like, BACKUP_FOLDER   as for backup.sh
set -eu
umask 077

say() { printf '%s\n' "restore: $*"; }
fail() { say "$*" >&2; exit 1; }

# order, inventory, …
keys=$(env | sed -n 's/^\([A-Z]*\)_DB_PASSWORD=.*/\1/p' | tr '[:upper:]' '[:lower:]' | sort)
password() { printenv "$(echo "$1" | tr '[:lower:]' '[:upper:]')_DB_PASSWORD"; } # KEY

name=${1:-$(find "$BACKUP_FOLDER" -mindepth 1 -maxdepth 1 -type d -name '[0-9]*T[0-9]*Z' | sort | tail -n 1)}
name=${name##*/}
backup=$BACKUP_FOLDER/$name
[ -n "$name" ] && [ -d "$backup" ] || fail "there is no backup \"$name\" in $BACKUP_FOLDER"
(cd "$backup" && sha256sum --check --quiet checksums) || fail "$name is damaged: nothing was changed"
for key in $keys; do
  [ -f "$backup/${key}_db.dump" ] || fail "$name is older than ${key}_db and does not hold it: nothing was changed"
done

work=$(mktemp -d "$BACKUP_FOLDER/.restore-XXXXXX")
trap 'rm -rf "$work"' EXIT
trap 'exit 1' HUP INT TERM

query() { # KEY, query
  PGPASSWORD=$(password "$1") PGCONNECT_TIMEOUT=10 psql --no-psqlrc --quiet --no-align --tuples-only \
    --set ON_ERROR_STOP=1 --username "$1_service" --dbname "$1_db" --command "$2"
}

# A service that still writes would mix two histories. Of another role's session PostgreSQL shows the user, but not backend_type.
databases=$(for key in $keys; do printf '%s_db ' "$key"; done)
others=$(query order "
  SELECT count(*) FROM pg_stat_activity
  WHERE datname = ANY (string_to_array('$databases', ' ')) AND usename IS NOT NULL AND pid <> pg_backend_pid()")
[ "$others" = 0 ] || fail "$others connections to the databases are open: stop the services first. Nothing was changed."

# To SQL first: what cannot be read to its end must not be half applied.
for key in $keys; do
  pg_restore --no-owner --no-privileges --file "$work/$key.sql" "$backup/${key}_db.dump"
done
# Everything goes, also what a newer migration made since.
echo 'DROP SCHEMA public CASCADE; CREATE SCHEMA public AUTHORIZATION pg_database_owner;' > "$work/empty.sql"

# Transaction ids are the old server's. One that has given out fewer would take these for not yet ended, and readers would
# wait for them (ADR 5). 2 is FrozenTransactionId, below every id a server gives out; `seq` keeps the order.
# Every table with such a column `tx` (order_events, inventory_transactions, inventory_decisions) gets it.
cat > "$work/past.sql" <<'SQL'
DO $$
DECLARE
  stamped regclass;
BEGIN
  FOR stamped IN
    SELECT attrelid FROM pg_attribute JOIN pg_class ON pg_class.oid = attrelid
    WHERE relnamespace = 'public'::regnamespace AND relkind = 'r' AND attname = 'tx' AND atttypid = 'xid8'::regtype
  LOOP
    EXECUTE format('UPDATE %s SET tx = %L', stamped, '2');
  END LOOP;
  -- Redis may know answers to orders that came after this backup. Under another id the services do not believe it.
  IF to_regclass('public.installation') IS NOT NULL THEN
    UPDATE public.installation SET id = gen_random_uuid();
  END IF;
END $$;
SQL

for key in $keys; do # each in one transaction, so all of it or nothing
  PGPASSWORD=$(password "$key") psql --no-psqlrc --quiet --set ON_ERROR_STOP=1 --single-transaction --output /dev/null \
    --username "${key}_service" --dbname "${key}_db" \
    --file "$work/empty.sql" --file "$work/$key.sql" --file "$work/past.sql"
done

orders=$(query order 'SELECT count(*) FROM orders')
decisions=$(query inventory 'SELECT count(*) FROM inventory_decisions')
[ "$(printf 'orders=%s\ndecisions=%s' "$orders" "$decisions")" = "$(cat "$backup/counts")" ] ||
  fail "$orders orders and $decisions decisions are there, but the backup counted $(tr '\n' ' ' < "$backup/counts")"
say "$name is back: $orders orders, $decisions decisions of inventory"
