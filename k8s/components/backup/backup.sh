#!/bin/bash
# Saves all databases as they were at one moment of the system, while it runs.
#
# Two dumps taken one after the other would disagree: orders confirmed without a deduction, or deductions for orders that
# do not exist. So writing to the orders table is held up (SHARE lock) until a snapshot of each database is taken, some
# milliseconds; then everything goes on, and pg_dump reads from the snapshots. What another service did by then it did
# for an order that is in the snapshot, and what was under way looks like a crash, which the system settles by itself.
#
# PGHOST, PGPORT          the server
# ORDER_DB_PASSWORD       that of the role order_service, the owner of order_db; one such variable for each database
# BACKUP_FOLDER           one folder per backup is made here, named after its time (UTC)
# KEEP_BACKUPS            how many to keep; 14 unless said
# BACKUP_DUE_HOURS        set where backups are taken regularly: how long after this one's begin the next should be finished.
#                         Later than that the alert BackupOverdue fires
set -eu
umask 077

keep=${KEEP_BACKUPS:-14}
name=$(date -u +%Y%m%dT%H%M%SZ)
# order, inventory, …
keys=$(env | sed -n 's/^\([A-Z]*\)_DB_PASSWORD=.*/\1/p' | tr '[:upper:]' '[:lower:]' | sort)
draft=$BACKUP_FOLDER/.draft-$name
work=$(mktemp -d)

say() { printf '%s\n' "backup: $*"; }
fail() { say "$*" >&2; exit 1; }
finish() {
  rm -rf "$work" "$draft"
}
trap finish EXIT
# A pipe whose reader is gone is an error to report, not the end.
trap '' PIPE
trap 'exit 1' HUP INT TERM

password() { printenv "$(echo "$1" | tr '[:lower:]' '[:upper:]')_DB_PASSWORD"; } # KEY

# A psql that reads commands from a pipe, which a descriptor keeps open until this script ends: session NAME KEY
declare -A descriptors
session() {
  local descriptor
  mkfifo "$work/$1.in"
  : > "$work/$1.out" > "$work/$1.err"
  PGPASSWORD=$(password "$2") PGCONNECT_TIMEOUT=10 psql --no-psqlrc --quiet --no-align --tuples-only \
    --set ON_ERROR_STOP=1 --username "$2_service" --dbname "$2_db" \
    < "$work/$1.in" > "$work/$1.out" 2> "$work/$1.err" &
  exec {descriptor}> "$work/$1.in"
  descriptors[$1]=$descriptor
}

# Sends a session commands: tell NAME COMMANDS
tell() {
  # A session that has ended no longer reads: what it said last is the reason.
  echo "$2" 2> /dev/null >&"${descriptors[$1]}" || fail "$(cat "$work/$1.err")"
}

# Waits for the line number LINE of a session's answers and prints it: answer NAME LINE
answer() {
  tries=0
  while [ "$(wc -l < "$work/$1.out")" -lt "$2" ]; do
    [ ! -s "$work/$1.err" ] || fail "$(cat "$work/$1.err")"
    tries=$((tries + 1))
    [ "$tries" -lt 300 ] || fail "no answer from the session \"$1\" within 15 s"
    sleep 0.05
  done
  sed -n "$2p" "$work/$1.out"
}

# What the order service's metrics tell of backups. A backup is worth more than its record: record SQL
record() {
  PGPASSWORD=$(password order) PGCONNECT_TIMEOUT=10 psql --no-psqlrc --quiet --output /dev/null --set ON_ERROR_STOP=1 \
    --username order_service --dbname order_db --command "$1" ||
    say "this could not be recorded; without it the alert BackupOverdue may fire" >&2
}

record "INSERT INTO backups (name, next_due_at)
        VALUES ('$name', now() + nullif('${BACKUP_DUE_HOURS:-}', '')::int * interval '1 hour')"
mkdir -p "$draft"
session lock order
for key in $keys; do session "$key" "$key"; done

# All connected before anything is held up.
for each in lock $keys; do
  tell "$each" "SELECT 'connected';"
  answer "$each" 1 > /dev/null
done

# Both limits are for the system's sake: it waits 5 s at most for us, and 10 s at most if we hang.
tell lock "BEGIN; SET LOCAL lock_timeout = '5s'; SET LOCAL idle_in_transaction_session_timeout = '10s';
           LOCK TABLE orders IN SHARE MODE; SELECT 'locked';"
answer lock 2 > /dev/null
for key in $keys; do tell "$key" 'BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; SELECT pg_export_snapshot();'; done
for key in $keys; do answer "$key" 2 > /dev/null; done
tell lock "COMMIT; SELECT 'released';"
answer lock 3 > /dev/null

tell order 'SELECT count(*) FROM orders;'
tell inventory 'SELECT count(*) FROM inventory_decisions;'
orders=$(answer order 3)
decisions=$(answer inventory 3)

# Without the auditor's memory: it holds positions, and a restore gives every entry another one.
for key in $keys; do
  PGPASSWORD=$(password "$key") pg_dump --username "${key}_service" --dbname "${key}_db" \
    --snapshot "$(answer "$key" 2)" --exclude-table-data integrity_audit --exclude-table-data reconciliation \
    --format custom --no-owner --no-privileges --file "$draft/${key}_db.dump"
  # Readable to the end, before anything older is deleted for it.
  pg_restore --list "$draft/${key}_db.dump" > /dev/null
done

printf 'orders=%s\ndecisions=%s\n' "$orders" "$decisions" > "$draft/counts"
(cd "$draft" && sha256sum -- *.dump counts > checksums)
sync
mv "$draft" "$BACKUP_FOLDER/$name"
record "UPDATE backups SET finished_at = now() WHERE name = '$name';
        DELETE FROM backups WHERE begun_at < now() - interval '90 days'"
say "$name holds $orders orders and $decisions decisions of inventory"

# Oldest first; only folders that this script named.
find "$BACKUP_FOLDER" -mindepth 1 -maxdepth 1 -type d -name '[0-9]*T[0-9]*Z' | sort | head -n "-$keep" |
  while read -r old; do
    rm -rf "$old"
    say "${old##*/} is deleted: the last $keep are kept"
  done
# What a killed run left.
find "$BACKUP_FOLDER" -mindepth 1 -maxdepth 1 -type d -name '.draft-*' -mmin +120 -exec rm -rf {} +
