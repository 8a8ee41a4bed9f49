import { pause } from '../backoff.ts';
import type { Logger } from '../logger.ts';
import type { Redis } from '../redis.ts';
import type { FaultRegistry } from './fault-registry.ts';
import type { Injector } from './injector.ts';
import { KEYS } from './keys.ts';
import type { ReplicaReports } from './replica-report.ts';

export interface SyncOptions {
  injector: Injector;
  registry: FaultRegistry;
  reports: ReplicaReports;
  redis: Redis;
  /** A connection of its own: one that subscribes can do nothing else. */
  subscriber: Redis;
  logger: Logger;
}

/** How often the faults are read, milliseconds, in case a message was lost. */
const READ_EVERY_MS = 250;
const REPORT_EVERY_MS = 1_000;
/** Out of contact for this long, a replica cannot know of a halt: it drops its faults. Leaves room to be done in a second. */
const SUSPEND_AFTER_MS = 500;
/** Redis may still hold faults that were halted while it was away; whoever keeps the latch gets this long to say so. */
const RESUME_AFTER_MS = 1_000;
const FIRST_CONTACT_MS = 500;

export type ChaosSync = ReturnType<typeof createChaosSync>;

/** Keeps the faults of this process equal to those in Redis: told by a message, checked four times a second. */
export function createChaosSync(options: SyncOptions) {
  const { injector, registry, reports, redis, subscriber, logger } = options;
  const { service, replica } = injector;
  const stopped = new AbortController();
  let woken = new AbortController();
  let running: Promise<void> | undefined;
  let halted = false;
  let lastContact = performance.now();
  let lastReport = Number.NEGATIVE_INFINITY;
  let resumeAt = 0;

  async function readFaults(): Promise<boolean> {
    const { halt, faults } = await registry.snapshot();
    lastContact = performance.now();
    const changed = halted !== (halt !== undefined);
    halted = halt !== undefined;
    // It knows of the latch, so what it says after that can be believed.
    if (halted) resumeAt = 0;
    if (lastContact < resumeAt) return changed;
    return injector.load(halted ? [] : faults) || changed;
  }

  async function tell(): Promise<void> {
    await flush();
    const state = { service, replica, halted, faults: injector.state(), seen_at: new Date().toISOString() };
    await reports.write(state);
    lastReport = performance.now();
  }

  async function flush(): Promise<void> {
    await registry.addCounts(injector.takeCounts());
  }

  async function tick(): Promise<void> {
    try {
      const changed = await readFaults();
      if (changed || performance.now() - lastReport > REPORT_EVERY_MS) await tell();
      else await flush();
    } catch (error) {
      outOfContact(error);
    }
  }

  function outOfContact(error: unknown): void {
    if (!halted && performance.now() - lastContact < SUSPEND_AFTER_MS) return;
    resumeAt = performance.now() + RESUME_AFTER_MS;
    if (injector.load([])) logger.warn({ err: error }, 'chaos is suspended: Redis cannot be reached');
  }

  async function loop(): Promise<void> {
    while (!stopped.signal.aborted) {
      const before = performance.now();
      await pause(READ_EVERY_MS, woken.signal);
      if (woken.signal.aborted) woken = new AbortController();
      // A process that stood still was not out of contact.
      const late = performance.now() - before - READ_EVERY_MS;
      if (late > READ_EVERY_MS) lastContact += late;
      if (!stopped.signal.aborted) await tick();
    }
  }

  return {
    flush,

    get halted() {
      return halted;
    },

    /** Reads what is armed, if Redis answers at once, and keeps reading. */
    async start(): Promise<void> {
      subscriber.on('message', () => woken.abort());
      subscriber.subscribe(KEYS.channel).catch(() => {});
      if (redis.status !== 'ready') {
        const connected = new Promise<void>((resolve) => void redis.once('ready', resolve));
        await Promise.race([connected, pause(FIRST_CONTACT_MS)]);
      }
      await tick();
      running = loop();
    },

    /** Reads and reports now. */
    now: tick,

    /** Ends every fault of this process at once, whatever Redis says, and for as long as a halt may take to be known there. */
    drop(): void {
      resumeAt = performance.now() + RESUME_AFTER_MS;
      injector.load([]);
    },

    async stop(): Promise<void> {
      stopped.abort();
      woken.abort();
      await running;
      injector.load([]);
      await reports.remove({ service, replica }).catch(() => {});
      subscriber.disconnect();
      redis.disconnect();
    },
  };
}
