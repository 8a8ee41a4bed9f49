#!/bin/sh
# make kind-test: an order, the same order again, and the audit's verdict, through the dashboard of the cluster that kind-up made.
set -eu
dashboard="${DASHBOARD_URL:-http://localhost:3000}"
key="kind-test-$$-$(date +%s)"

# Prints the body; fails with it unless the status is the second argument.
expect() {
  what="$1" wanted="$2"
  shift 2
  body="$(curl --silent --show-error --max-time 10 --write-out '\n%{http_code}' "$@")"
  status="${body##*
}"
  [ "$status" = "$wanted" ] || { echo "$what: $status instead of $wanted: $body" >&2; exit 1; }
  printf '%s\n' "${body%
*}"
}
place() {
  expect "$1" 201 "$dashboard/api/orders" --header "Origin: $dashboard" --header "Idempotency-Key: $key" \
    --header 'Content-Type: application/json' --data '{"item_id":"monitor","quantity":1}'
}

first="$(place 'an order')"
again="$(place 'the same order again')"
[ "$first" = "$again" ] || { echo "The repeated order got another answer: $first, then $again" >&2; exit 1; }

# The auditor reads a few times a second; a minute is patience for a busy machine.
for _ in $(seq 60); do
  verdict="$(expect 'the verdict' 200 "$dashboard/api/integrity")"
  case "$verdict" in *'"verdict":"ok"'*) echo "An order was confirmed once, and the audit found nothing wrong."; exit 0 ;; esac
  sleep 1
done
echo "The audit did not come to \"ok\" within a minute: $verdict" >&2
exit 1
