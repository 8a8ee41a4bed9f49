#!/bin/sh
# Process 1 of a service's container. It starts the service, passes signals on to it, and starts it again after a fault killed
# it. After any other end it exits with the service's exit code (docs/adr/0022-a-parent-outlives-the-crash.md).

# Without chaos no fault kills: the service itself becomes process 1.
case "$CHAOS" in off | false | no | 0) exec "$@" ;; esac

# 128 + the number of the signal with which a crash ends the process (DEATH_SIGNAL of chaos/types/crash.ts). When the kernel kills
# it for its memory, the status is 137, and the container ends.
KILLED_BY_A_FAULT=154
# By default a process is named after its host and its id, and the id changes with each start.
export REPLICA="${REPLICA:-$HOSTNAME}"

service=
pending=
interrupted=
stopping=
pass_on() {
  interrupted=1
  stopping=1
  if [ -n "$service" ]; then kill -s "$1" "$service" 2>/dev/null; else pending=$1; fi
}
trap 'pass_on TERM' TERM
trap 'pass_on INT' INT

while :; do
  "$@" &
  service=$!
  # The signal came before the id of the service was known.
  [ -z "$pending" ] || kill -s "$pending" "$service" 2>/dev/null
  # A signal interrupts the wait, so wait again. If the service has ended meanwhile, the second wait says 127.
  status=127
  while :; do
    interrupted=
    # The shell would say in its own words, on stderr, which signal ended the service.
    wait "$service" 2>/dev/null
    last=$?
    [ "$last" = 127 ] || status=$last
    [ -n "$interrupted" ] || break
  done
  # First: a signal after the check must wait for the next service, not go to the dead one.
  service=
  if [ "$status" != "$KILLED_BY_A_FAULT" ] || [ -n "$stopping" ]; then exit "$status"; fi
  echo '{"level":"warn","msg":"a fault killed the service; it is started again"}'
done
