import type { ClientBase } from 'pg';
import { fullJitterMs, pause } from './backoff.ts';

/** A statement that waits for a lock holds up every later one on that table, so it waits no longer than this. */
const LOCK_MS = 500;
/**
 * Above PostgreSQL's `deadlock_timeout` of 1 s: only after that time does it cancel an autovacuum for a waiting statement.
 * Below the services' statement timeout of 2 s.
 */
const AUTOVACUUM_LOCK_MS = 1_400;
/** Between two attempts the statements that waited behind the last one run. */
const PAUSE_MS = 1_000;
const JITTER_MS = 2_000;

interface Sessions {
  client: ClientBase;
  /** Sees, from beside it, which sessions `client` waits for. */
  watcher: ClientBase;
  /** How long a lock is asked for again and again. */
  patienceMs: number;
  log: (line: string) => void;
}

/**
 * Runs `work` on `client`, and again while it fails for want of a lock. `work` must undo what it did when it fails.
 * @throws Error naming the sessions that held the lock for `patienceMs`
 */
export async function whileLocked(sessions: Sessions, what: string, work: () => Promise<unknown>): Promise<void> {
  const { client, patienceMs, log } = sessions;
  const end = performance.now() + patienceMs;
  let lockMs = LOCK_MS;
  let found: Holder[] = [];
  for (let told = false; ; told = true) {
    await client.query(`SET lock_timeout = ${lockMs}`);
    let holders: Promise<Holder[]> = Promise.resolve([]);
    const look = setTimeout(() => {
      holders = holdersOf(sessions);
      if (!told) void holders.then((seen) => seen.length > 0 && log(`${what} waits for ${describe(seen)}`));
    }, LOCK_MS / 2);
    try {
      await work();
      return;
    } catch (error) {
      if (!['55P03', '40P01'].includes((error as { code?: string }).code ?? '')) throw error;
      const seen = await holders;
      // A busy machine may look too late: then the last ones seen still tell more than none.
      if (seen.length > 0) found = seen;
      if (performance.now() > end) {
        const advice = 'End that session or wait for it, then migrate again.';
        throw new Error(`${what} got no lock within ${patienceMs / 1_000} s, held by ${describe(found)}. ${advice}`);
      }
      lockMs = found.some(({ role }) => role === null) ? AUTOVACUUM_LOCK_MS : LOCK_MS;
    } finally {
      clearTimeout(look);
    }
    await pause(PAUSE_MS + fullJitterMs(1, JITTER_MS, JITTER_MS));
  }
}

interface Holder {
  pid: number;
  /** Null for the server's own processes, such as an autovacuum. */
  role: string | null;
  application: string;
  /** Since its transaction began. Null where this role may not see it. */
  seconds: number | null;
}

/** The sessions that `client` waits for now; none when they cannot be asked for. */
async function holdersOf({ client, watcher }: Sessions): Promise<Holder[]> {
  const { processID } = client as ClientBase & { processID: number };
  const { rows } = await watcher
    .query<Holder>(
      `SELECT pid, usename AS role, application_name AS application,
              round(extract(epoch FROM clock_timestamp() - coalesce(xact_start, query_start)))::int AS seconds
       FROM pg_stat_activity WHERE pid = ANY (pg_blocking_pids($1))`,
      [processID],
    )
    .catch(() => ({ rows: [] }));
  return rows;
}

const describe = (holders: readonly Holder[]): string =>
  holders.map(describeOne).join(' and ') || 'a session that ended meanwhile';

function describeOne({ pid, role, application, seconds }: Holder): string {
  const name = role === null ? 'an autovacuum' : `${application || 'no application name'}, role ${role}`;
  return `pid ${pid} (${name}${seconds === null ? '' : `, in a transaction for ${seconds} s`})`;
}
