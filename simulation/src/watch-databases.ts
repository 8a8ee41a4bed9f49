import { checkDatabases } from '@valerix/gameday/checker';
import { lookAtReleases } from '@valerix/gameday/money-watch';
import { checkStock } from '@valerix/gameday/stock-checker';
import { pause } from '@valerix/service-kit/backoff';
import type { Databases, Violation } from './run-scenario.ts';
import { openMoment } from './servers/databases-store.ts';
import type { PostgresHost } from './servers/postgres.ts';
import { databaseUrl, SIMULATED, type SimulatedKey } from './system.ts';
import type { Process, World } from './world/world.ts';

/** Every so many writes, all databases are compared; stock, and money whose stock is given back, after each. */
const WRITES_PER_LOOK = 8;

/**
 * Looks at the databases while the system works, from outside the world: no time passes, so all are read at one moment. What is wrong only
 * for an instant is looked at again a second later, as in a game day.
 */
export function watchDatabases(
  world: World,
  checker: Process,
  databases: Databases,
  hosts: Record<SimulatedKey, PostgresHost>,
) {
  const found = new Map<string, Violation>();
  const services = Object.fromEntries(SIMULATED.map((key) => [key, { databaseUrl: databaseUrl(key) }])) as never;
  /** The releases of stock before it were looked at. */
  let releasesSince: string | null = '0';
  let writes = 0;
  let looking = false;
  const isQuiet = () => SIMULATED.every((key) => hosts[key].isFree);

  async function open(key: string) {
    while (!isQuiet()) await pause(1);
    return openMoment(databases[key as SimulatedKey]);
  }

  const rowsOf =
    (key: SimulatedKey) =>
    async <R extends object>(sql: string, values: unknown[]): Promise<R[]> =>
      (await openMoment(databases[key]).query<R>(sql, values)).rows;

  async function look(): Promise<void> {
    looking = true;
    for (const one of await checkDatabases({ services, expectSettled: false, open })) add(one);
    looking = false;
  }

  async function lookAtStock(): Promise<void> {
    if (!hosts.inventory.isFree) return;
    for (const one of await checkStock(openMoment(databases.inventory))) add(one);
    if (!hosts.payment.isFree) return;
    const looked = await lookAtReleases(rowsOf('inventory'), rowsOf('payment'), releasesSince);
    releasesSince = looked.since;
    for (const one of looked.violations) add(one);
  }

  function add({ invariant, subject, detail }: Violation): void {
    const name = `${invariant} ${subject}`;
    if (found.has(name)) return;
    found.set(name, { invariant, subject, detail: `${detail} (seen while it ran)` });
    world.note(`SEEN: ${name}: ${detail}`, true);
  }

  const failed = (error: Error) => world.defects.push(`the databases could not be looked at: ${error.stack}`);
  return {
    found,

    /** To be called after each commit of a write. */
    onWrite(key: SimulatedKey): void {
      if (key === 'inventory' || key === 'payment') world.after(0, checker, () => lookAtStock().catch(failed));
      if (++writes % WRITES_PER_LOOK === 0 && !looking) world.after(0, checker, () => look().catch(failed));
    },
  };
}
