/**
 * SQL: a table of one row, `(settled xid8, held boolean)`. Every transaction of this database with an id below `settled` has
 * ended, so nothing can appear there any more; `held` if a running transaction hides younger ones that have ended (ADR 5).
 *
 * `pg_snapshot_xmin` alone would also wait for transactions in other databases of the server. A transaction stays in its database,
 * so one that runs elsewhere after the snapshot wrote nothing here. One that runs nowhere has just ended: the snapshot may hide
 * it, so it counts as running.
 */
export const COMMIT_HORIZON = `(
  WITH here AS (SELECT oid FROM pg_database WHERE datname = current_database())
  SELECT coalesce(min(running), pg_snapshot_xmax(pg_current_snapshot())) AS settled, min(running) IS NOT NULL AS held
  FROM pg_snapshot_xip(pg_current_snapshot()) AS running
  WHERE running::xid NOT IN (
    SELECT backend_xid FROM pg_stat_get_activity(NULL) WHERE backend_xid IS NOT NULL AND datid <> (SELECT oid FROM here)
    UNION ALL
    SELECT transaction FROM pg_prepared_xact() WHERE dbid <> (SELECT oid FROM here)))`;

/** The same for a reader who is shown entries as soon as they are committed: a lower bound that costs next to nothing. */
export const NO_HORIZON = '(SELECT pg_snapshot_xmin(pg_current_snapshot()) AS settled, false AS held)';
