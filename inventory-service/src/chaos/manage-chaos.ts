import type { ArmFaultBody, AuditPage, AuditQuery, Fault, HaltState, SimpleChaosBody } from '@valerix/contracts';
import { pause } from '@valerix/service-kit/backoff';
import type { Chaos } from '@valerix/service-kit/chaos/chaos';
import { checkFault } from '@valerix/service-kit/chaos/check-fault';
import { newFault, newSeed } from '@valerix/service-kit/chaos/new-fault';
import { ProblemError } from '@valerix/service-kit/problem';
import { problem } from '../errors.ts';
import type { ChaosStore } from './chaos-store.ts';
import { draftsOf, presetNameOf } from './simple-chaos.ts';

export interface ManageChaosDeps {
  store: ChaosStore;
  chaos: Pick<Chaos, 'registry' | 'reports' | 'sync'>;
}

/** The most faults that may be armed at once (I13). */
const MAX_FAULTS = 100;
/** How long a change waits for the replicas to confirm it, milliseconds. */
const CONFIRM_LIMIT_MS = 500;

export type ManageChaos = ReturnType<typeof createManageChaos>;

/** What an operator may do to chaos. Arming is recorded before it happens; ending a fault never waits for the record. */
export function createManageChaos({ store, chaos }: ManageChaosDeps) {
  const { registry, reports, sync } = chaos;

  async function armAll(
    faults: Fault[],
    ttlMs: number,
    what: Record<string, unknown>,
    replaces = (_known: Fault) => false,
  ) {
    const { created_by: who, reason: why } = faults[0] ?? { created_by: 'operator', reason: 'not given' };
    let mayBeInForce = false;
    try {
      await store.recorded({ who, action: 'arm', what, why }, async (halt) => {
        mayBeInForce = !halt.halted;
        if (mayBeInForce && (await putInForce(faults, ttlMs, replaces))) return;
        throw problem('CHAOS_HALTED', 'Chaos is halted. Re-arm it, with a reason, before arming a fault.');
      });
    } catch (error) {
      // The record failed, perhaps only at its COMMIT: no fault without a row that says who armed it. If the COMMIT took place
      // and its answer was lost, a row is left of a fault that has ended. What Redis does not take back ends by its expiry.
      if (mayBeInForce) await takeBack(faults.map(({ id }) => id)).catch(() => {});
      throw error;
    }
    await confirmed((inForce) => faults.every(({ id, service }) => inForce(service).every((ids) => ids.includes(id))));
  }

  /** False when chaos is halted. @throws TOO_MANY_FAULTS */
  function putInForce(faults: Fault[], ttlMs: number, replaces: (known: Fault) => boolean): Promise<boolean> {
    return reachable(async () => {
      const known = (await registry.snapshot()).faults.map(({ fault }) => fault);
      const remove = known.filter(replaces).map(({ id }) => id);
      if (known.length - remove.length + faults.length > MAX_FAULTS) {
        throw problem('TOO_MANY_FAULTS', `${MAX_FAULTS} faults at most may be armed at once.`);
      }
      return registry.change({ remove, add: faults.map((fault) => ({ fault, ttlMs })) });
    });
  }

  /**
   * Waits until what every live replica says satisfies `wanted`; gives up after half a second. Who is alive stands in Redis:
   * for a second after it was wiped, only those who have reported since are known.
   */
  async function confirmed(wanted: (inForce: (service: string) => string[][]) => boolean): Promise<void> {
    const end = performance.now() + CONFIRM_LIMIT_MS;
    await sync.now();
    while (performance.now() < end) {
      const replicas = await reports.read().catch(() => []);
      const inForce = (service: string) =>
        replicas.filter((one) => one.service === service).map(({ faults }) => faults.map(({ id }) => id));
      if (wanted(inForce)) return;
      await pause(15);
    }
  }

  const gone = (ids: string[]) => (inForce: (service: string) => string[][]) =>
    [...inForce('inventory-service'), ...inForce('order-service')].flat().every((id) => !ids.includes(id));

  async function takeBack(ids: string[], remove: string[] | 'all' = ids): Promise<void> {
    await reachable(() => registry.change({ remove }));
    await confirmed(gone(ids));
  }

  async function endFaults(faults: Fault[], action: 'disarm' | 'clear'): Promise<void> {
    const ids = faults.map(({ id }) => id);
    await takeBack(ids, action === 'clear' ? 'all' : ids);
    await store.record({ who: 'operator', action, what: { faults: ids }, why: 'not given' });
  }

  return {
    async arm({ ttl_seconds, ...body }: ArmFaultBody): Promise<Fault> {
      const errors = checkFault({ ...body, ttl_seconds });
      const [first] = errors;
      if (first)
        throw problem('VALIDATION_FAILED', `The fault is not valid: ${first.field} ${first.message}`, { errors });
      const fault = newFault(body, ttl_seconds);
      await armAll([fault], ttl_seconds * 1000, { fault });
      return fault;
    },

    /** `POST /api/admin/chaos`: replaces what it made before; with everything off it makes nothing. */
    async armSimple(body: SimpleChaosBody): Promise<void> {
      const { ttl_seconds, created_by, reason } = body;
      const seed = body.seed ?? newSeed();
      const preset = presetNameOf(body);
      const faults = draftsOf(body).map((draft) => ({
        ...newFault({ ...draft, seed, created_by, reason }, ttl_seconds),
        preset,
      }));
      const isOwn = (fault: Fault) => fault.preset !== undefined;
      if (faults.length === 0) return endFaults((await this.list()).filter(isOwn), 'disarm');
      await armAll(faults, ttl_seconds * 1000, { simple: { ...body, seed } }, isOwn);
    },

    async list(): Promise<Fault[]> {
      const { faults } = await reachable(() => registry.snapshot());
      return faults.map(({ fault }) => fault);
    },

    /** @throws NOT_FOUND */
    async disarm(id: string): Promise<Fault> {
      const fault = (await this.list()).find((one) => one.id === id);
      if (!fault) throw problem('NOT_FOUND', `No fault "${id}" is armed; it may have ended by itself.`);
      await endFaults([fault], 'disarm');
      return fault;
    },

    async clear(): Promise<void> {
      await endFaults(await this.list(), 'clear');
    },

    /** Stops all faults on all replicas within a second, and lets none be armed. Here at once, whatever else is broken. */
    async halt(by: string, reason: string): Promise<HaltState> {
      const halt: HaltState = { halted: true, by, reason, at: new Date().toISOString() };
      sync.drop();
      const entry = { who: by, action: 'halt' as const, what: {}, why: reason };
      const [told, latched] = await Promise.allSettled([registry.halt(halt), store.setHalt(halt, entry)]);
      // Without Redis the replicas have dropped their faults already; the keeper tells Redis when it is back.
      if (latched.status === 'rejected') throw latched.reason;
      if (told.status === 'fulfilled') await confirmed((inForce) => everything(inForce).length === 0);
      return halt;
    },

    async rearm(by: string, reason: string): Promise<HaltState> {
      const halt: HaltState = { halted: false, by, reason, at: new Date().toISOString() };
      await store.setHalt(halt, { who: by, action: 'rearm', what: {}, why: reason });
      await reachable(() => registry.rearm());
      await sync.now();
      return halt;
    },

    async audit(query: AuditQuery): Promise<AuditPage> {
      const entries = await store.auditPage({ ...query, limit: query.limit + 1 });
      const items = entries.slice(0, query.limit);
      return { items, next_cursor: entries.length > items.length ? (items.at(-1)?.id ?? null) : null };
    },
  };
}

const everything = (inForce: (service: string) => string[][]) =>
  [...inForce('inventory-service'), ...inForce('order-service')].flat();

/** @throws CHAOS_UNAVAILABLE when Redis, which holds the faults, does not answer; problems pass as they are */
async function reachable<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof ProblemError) throw error;
    throw problem('CHAOS_UNAVAILABLE', 'Redis, which holds the faults, does not answer.', {
      headers: { 'Retry-After': '1' },
      cause: error,
    });
  }
}
