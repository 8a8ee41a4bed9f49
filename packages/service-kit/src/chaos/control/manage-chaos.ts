import type {
  ArmFaultBody,
  AuditPage,
  AuditQuery,
  Fault,
  HaltAnswer,
  HaltState,
  ReplicaState,
  SimpleChaosBody,
} from '@valerix/contracts';
import { pause } from '../../backoff.ts';
import type { Actor } from '../../identity/principal.ts';
import type { NewAuditEntry } from '../../operator-audit-store.ts';
import { ProblemError, commonProblem as problem } from '../../problem.ts';
import type { Chaos } from '../chaos.ts';
import { checkFault } from '../check-fault.ts';
import { newestLatch, nextLatch } from '../latch.ts';
import { newFault, newSeed } from '../new-fault.ts';
import type { HaltStore } from './halt-store.ts';
import { draftsOf, presetNameOf } from './simple-chaos.ts';

export interface ManageChaosDeps {
  store: HaltStore;
  chaos: Pick<Chaos, 'injector' | 'registry' | 'reports' | 'sync'>;
}

/** The most faults that may be armed at once (I13). */
const MAX_FAULTS = 100;
/** How long a change waits for the replicas to confirm it, milliseconds. */
const CONFIRM_LIMIT_MS = 500;
/** How long a halt waits, milliseconds: every process that can hear has ended its faults within a second. */
const HALT_CONFIRM_LIMIT_MS = 900;

export type ManageChaos = ReturnType<typeof createManageChaos>;

/** The operator's actions on chaos. Arming is recorded before it happens; ending a fault never waits for its record. */
export function createManageChaos({ store, chaos }: ManageChaosDeps) {
  const { injector, registry, reports, sync } = chaos;

  async function armAll(
    actor: Actor,
    faults: Fault[],
    ttlMs: number,
    what: Record<string, unknown>,
    replaces = (_known: Fault) => false,
  ) {
    const why = faults[0]?.reason ?? 'not given';
    let mayBeInForce = false;
    try {
      await store.recorded({ ...actor, action: 'arm', what, why }, async (halt) => {
        const { halt: told } = await reachable(() => registry.snapshot());
        mayBeInForce = !newestLatch(halt, told, sync.latch).halted;
        if (mayBeInForce && (await putInForce(faults, ttlMs, replaces))) return;
        throw problem('CHAOS_HALTED', 'Chaos is halted. Re-arm it, with a reason, before arming a fault.');
      });
    } catch (error) {
      // The record failed, perhaps only at its COMMIT. A fault must have a row that says who armed it, so end the fault. If the
      // COMMIT succeeded and its answer was lost, the row stays. A fault that Redis does not remove expires.
      if (mayBeInForce) await takeBack(faults.map(({ id }) => id)).catch(() => {});
      throw error;
    }
    await reported((replicas) =>
      faults.every(({ id, service }) => replicas.every((one) => one.service !== service || has(one, id))),
    );
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
   * Waits until `done` is true of the live replicas' reports, `limitMs` at most. Redis knows which replicas are alive: just
   * after it was wiped, it knows only those that have reported since.
   * @returns the last reports
   */
  async function reported(done: (replicas: ReplicaState[]) => boolean, limitMs = CONFIRM_LIMIT_MS) {
    const end = performance.now() + limitMs;
    await sync.now();
    for (;;) {
      const replicas = await reports.read().catch(() => []);
      if (done(replicas) || performance.now() > end) return replicas;
      await pause(15);
    }
  }

  const has = ({ faults }: ReplicaState, id: string) => faults.some((one) => one.id === id);
  const gone = (ids: string[]) => (replicas: ReplicaState[]) =>
    replicas.every((one) => ids.every((id) => !has(one, id)));

  async function takeBack(ids: string[], remove: string[] | 'all' = ids): Promise<void> {
    await reachable(() => registry.change({ remove }));
    await reported(gone(ids));
  }

  async function endFaults(actor: Actor, faults: Fault[], action: 'disarm' | 'clear'): Promise<void> {
    const ids = faults.map(({ id }) => id);
    await takeBack(ids, action === 'clear' ? 'all' : ids);
    await store.record({ ...actor, action, what: { faults: ids }, why: 'not given' });
  }

  /** Records a halt. False when the database has not done so in time; the entry then follows once the database answers. */
  function auditedSoon(halt: HaltState, entry: NewAuditEntry): Promise<boolean> {
    const recorded = store.setHalt(halt, entry).then(
      () => true,
      () => {
        // If only the reply to the COMMIT was lost, the audit gets a second row, which says the same.
        store.recordLater({ ...entry, what: { halted_at: halt.at } });
        return false;
      },
    );
    return Promise.race([recorded, pause(HALT_CONFIRM_LIMIT_MS).then(() => false)]);
  }

  return {
    async arm({ ttl_seconds, ...body }: ArmFaultBody, actor: Actor): Promise<Fault> {
      const errors = checkFault({ ...body, ttl_seconds });
      const [first] = errors;
      if (first)
        throw problem('VALIDATION_FAILED', `The fault is not valid: ${first.field} ${first.message}`, { errors });
      const fault = newFault({ ...body, created_by: actor.who }, ttl_seconds);
      await armAll(actor, [fault], ttl_seconds * 1000, { fault });
      return fault;
    },

    /** `POST /api/admin/chaos`: replaces the faults that it armed before; with everything off it only ends them. */
    async armSimple(body: SimpleChaosBody, actor: Actor): Promise<void> {
      const { ttl_seconds, reason } = body;
      const seed = body.seed ?? newSeed();
      const preset = presetNameOf(body);
      const faults = draftsOf(body).map((draft) => ({
        ...newFault({ ...draft, seed, created_by: actor.who, reason }, ttl_seconds),
        preset,
      }));
      const isOwn = (fault: Fault) => fault.preset !== undefined;
      if (faults.length === 0) return endFaults(actor, (await this.list()).filter(isOwn), 'disarm');
      await armAll(actor, faults, ttl_seconds * 1000, { simple: { ...body, seed } }, isOwn);
    },

    async list(): Promise<Fault[]> {
      const { faults } = await reachable(() => registry.snapshot());
      return faults.map(({ fault }) => fault);
    },

    /** @throws NOT_FOUND */
    async disarm(id: string, actor: Actor): Promise<Fault> {
      const fault = (await this.list()).find((one) => one.id === id);
      if (!fault) throw problem('NOT_FOUND', `No fault "${id}" is armed; it may have ended by itself.`);
      await endFaults(actor, [fault], 'disarm');
      return fault;
    },

    async clear(actor: Actor): Promise<void> {
      await endFaults(actor, await this.list(), 'clear');
    },

    /**
     * Ends every fault in this process at once, whatever else is broken, and tells all others through Redis. No fault can be
     * armed until `rearm`. The answer names the processes that confirmed that no fault is left in them, and those that did not.
     * @throws HALTED_HERE_ONLY when Redis cannot be written, HALTED_UNAUDITED when only the database cannot
     */
    async halt(actor: Actor, reason: string): Promise<HaltAnswer> {
      const halt = nextLatch(sync.latch, { halted: true, by: actor.who, reason });
      sync.learn(halt);
      const isAudited = auditedSoon(halt, { ...actor, action: 'halt', what: {}, why: reason });
      try {
        await registry.setLatch(halt);
      } catch (cause) {
        await isAudited;
        const detail = `Faults have ended in ${injector.replica}; Redis cannot be written, so no other process was told.`;
        throw problem('HALTED_HERE_ONLY', detail, { headers: { 'Retry-After': '1' }, cause });
      }
      const isClean = ({ halted, faults }: ReplicaState) => halted && faults.length === 0;
      const replicas = await reported((all) => all.every(isClean), HALT_CONFIRM_LIMIT_MS);
      const names = (some: ReplicaState[]) => some.map(({ replica }) => replica);
      const others = replicas.filter(({ replica }) => replica !== injector.replica);
      const confirmed_by = [injector.replica, ...names(others.filter(isClean))];
      const not_heard = names(others.filter((one) => !isClean(one)));
      if (!(await isAudited)) {
        const silent = not_heard.length === 0 ? '' : `, and ${not_heard.join(', ')} did not confirm it`;
        throw problem('HALTED_UNAUDITED', `Faults have ended in ${confirmed_by.join(', ')}${silent}.`);
      }
      return { halt, confirmed_by, not_heard };
    },

    async rearm(actor: Actor, reason: string) {
      const halt = nextLatch(sync.latch, { halted: false, by: actor.who, reason });
      const tellRedis = () => reachable(() => registry.setLatch(halt));
      // Both or none: from the database alone, processes would learn that they may obey what Redis still holds.
      await store.setHalt(halt, { ...actor, action: 'rearm', what: {}, why: reason }, tellRedis);
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

/** @throws CHAOS_UNAVAILABLE when Redis, which holds the faults, cannot be written; problems pass as they are */
async function reachable<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof ProblemError) throw error;
    throw problem('CHAOS_UNAVAILABLE', 'Redis, which holds the faults, cannot be written.', {
      headers: { 'Retry-After': '1' },
      cause: error,
    });
  }
}
