import { type RequestHandler, Router } from 'express';
import type { HttpProcess } from './http-process.ts';
import { notTraffic } from './metrics.ts';
import { COMMITTING, type Pool } from './postgres.ts';
import { type Redis, writeToRedis } from './redis.ts';
import { shared } from './shared.ts';
import { VERSION } from './version.ts';

export interface Check {
  /** Resolves when the dependency works; what it returns is shown as detail. Rejects with the reason when not. */
  run(): Promise<string | undefined>;
  /** `down` makes the whole service down; `degraded` is only reported. */
  severity: 'down' | 'degraded';
}
export type Checks = Record<string, Check>;

export interface HealthChecks {
  /** Asked by `/readyz`: its own database, and no other service. */
  ready: Checks;
  /** Asked by `/health`. */
  health: Checks;
  /** Asked by `/health/deep` as well. */
  deep?: Checks;
}

const CHECK_TIMEOUT_MS = 1_000;

/** `/livez`, `/readyz`, `/health`, `/health/deep` and `/metrics`. They are not traffic, and are mounted before logging. */
export function healthRoutes(process: HttpProcess, { ready, health, deep }: HealthChecks): Router {
  const router = Router();
  const get = (path: string, answer: RequestHandler) => router.get(path, notTraffic, answer);
  const tell = tellChanges(process);
  const report = (checks: Checks): RequestHandler => {
    return async (_req, res) => {
      const body = await runChecks(process, checks);
      if (checks === ready) tell(body.checks);
      res.status(body.status === 'down' ? 503 : 200).json(body);
    };
  };
  // Checks only the process: a restart would not repair a database.
  get('/livez', (_req, res) => void res.json({ status: 'up' }));
  get('/readyz', report(ready));
  get('/health', report(health));
  if (deep) get('/health/deep', report({ ...health, ...deep }));
  get('/metrics', async (_req, res) => {
    res.set('Content-Type', process.registry.contentType).send(await process.registry.metrics());
  });
  return router;
}

async function runChecks({ name, lifecycle }: HttpProcess, checks: Checks) {
  const { state } = lifecycle;
  const results = await Promise.all(
    Object.entries(checks).map(async ([name, check]) => [name, await runShared(check)] as const),
  );
  const statuses = results.map(([, result]) => result.status);
  const down = state !== 'ready' || statuses.includes('down');
  return {
    status: down ? ('down' as const) : statuses.includes('degraded') ? ('degraded' as const) : ('up' as const),
    service: name,
    version: VERSION,
    uptime_seconds: Math.round(process.uptime()),
    checks: {
      process: { status: state === 'ready' ? ('up' as const) : ('down' as const), detail: state, latency_ms: null },
      ...Object.fromEntries(results),
    },
  };
}

/** Logs once that a readiness check fails, with the reason, and once that it succeeds again. */
function tellChanges({ logger }: HttpProcess) {
  const failing = new Set<string>();
  return (checks: Record<string, { status: string; detail: string | null }>): void => {
    for (const [check, { status, detail }] of Object.entries(checks)) {
      if (check === 'process') continue;
      if (status === 'up' && failing.delete(check)) logger.info({ check }, 'ready again');
      if (status === 'up' || failing.has(check)) continue;
      failing.add(check);
      logger.warn({ check, reason: detail }, 'not ready');
    }
  };
}

const running = new WeakMap<Check, () => ReturnType<typeof runCheck>>();

/** Runs a check once for all callers at the same time: a crowd on `/health` takes no connection from the other probes. */
function runShared(check: Check): ReturnType<typeof runCheck> {
  const run = running.get(check) ?? shared(0, () => runCheck(check)).read;
  running.set(check, run);
  return run();
}

async function runCheck(check: Check) {
  const start = performance.now();
  const latency = () => Math.round((performance.now() - start) * 10) / 10;
  try {
    const detail = await withTimeout(check.run());
    return { status: 'up' as const, detail: detail ?? null, latency_ms: latency() };
  } catch (error) {
    return { status: check.severity, detail: reasonOf(error), latency_ms: latency() };
  }
}

function reasonOf(error: unknown): string {
  if (error instanceof AggregateError) return error.errors.map(reasonOf).join('; ');
  return error instanceof Error && error.message ? error.message : String(error);
}

async function withTimeout<T>(work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer within ${CHECK_TIMEOUT_MS} ms`)), CHECK_TIMEOUT_MS);
  });
  return Promise.race([work, late]).finally(() => clearTimeout(timer));
}

/** The database holds the tables this service needs, and commits. */
export function postgresCheck(pool: Pool, tables: string[]): Check {
  return {
    severity: 'down',
    async run() {
      const { rows } = await pool.query<{ missing: string[] }>(
        `SELECT array(SELECT name FROM unnest($1::text[]) AS name WHERE to_regclass(name) IS NULL) AS missing, ${COMMITTING}`,
        [tables],
      );
      const missing = rows[0]?.missing ?? [];
      if (missing.length > 0) throw new Error(`not migrated: ${missing.join(', ')} missing`);
      return undefined;
    },
  };
}

/** Redis takes writes. It only accelerates, so without it the service is degraded, not down. */
export function redisCheck(redis: Redis): Check {
  return {
    severity: 'degraded',
    async run() {
      await writeToRedis(redis);
      return undefined;
    },
  };
}
