import type { HaltState } from '@valerix/contracts';
import { pause } from '../backoff.ts';
import type { Logger } from '../logger.ts';
import { type Redis, ReplyError } from '../redis.ts';
import type { FaultRegistry } from './fault-registry.ts';
import type { Injector } from './injector.ts';
import type { ChaosKeys } from './keys.ts';
import { isNewer, NEVER_HALTED } from './latch.ts';
import { type ReplicaReports, reportOf } from './replica-report.ts';

export interface SyncOptions {
  injector: Injector;
  registry: FaultRegistry;
  reports: ReplicaReports;
  redis: Redis;
  keys: Pick<ChaosKeys, 'channel'>;
  /** A separate connection: one that subscribes can do nothing else. */
  subscriber: Redis;
  logger: Logger;
}

/** How often the faults are read, milliseconds: a message may be lost. */
const READ_EVERY_MS = 250;
/**
 * A replica that cannot read and write Redis for this long drops its faults: it might not hear of a halt, or the process that
 * halts might be unable to write it. Half a second leaves time to finish within one.
 */
const SUSPEND_AFTER_MS = 500;
/** Redis may hold faults that were halted while it was away. The processes that know of the halt get this long to write it. */
const RESUME_AFTER_MS = 1_000;
const FIRST_CONTACT_MS = 500;

/** Keeps the faults of this process equal to those in Redis: at each message, and four times a second. */
export function createChaosSync(options: SyncOptions) {
  const { injector, registry, reports, redis, keys, subscriber, logger } = options;
  const { service, replica } = injector;
  const stopped = new AbortController();
  let woken = new AbortController();
  let running: Promise<void> | undefined;
  let latch = NEVER_HALTED;
  let lastContact = performance.now();
  let resumeAt = 0;

  function learn(heard: HaltState): void {
    if (!isNewer(heard, latch)) return;
    latch = heard;
    if (latch.halted) injector.load([]);
  }

  async function readFaults(): Promise<void> {
    const { halt, faults } = await registry.snapshot();
    lastContact = performance.now();
    if (halt) learn(halt);
    // Redis has the halt, so its faults are newer than the halt and can be trusted.
    if (halt?.halted) resumeAt = 0;
    if (lastContact >= resumeAt) injector.load(latch.halted ? [] : faults);
  }

  /** Also proves that Redis can be written: a halt cannot travel through a read-only or a full Redis. */
  async function tell(): Promise<void> {
    await flush();
    await reports.write(reportOf(injector, latch));
  }

  async function flush(): Promise<void> {
    await registry.addCounts(injector.takeCounts());
  }

  async function tick(): Promise<void> {
    try {
      await readFaults();
      await tell();
    } catch (error) {
      // Redis answered and refused: waiting would not help.
      if (error instanceof ReplyError) lastContact = Number.NEGATIVE_INFINITY;
      outOfContact(error);
    }
  }

  function outOfContact(error: unknown): void {
    if (performance.now() - lastContact < SUSPEND_AFTER_MS) return;
    resumeAt = performance.now() + RESUME_AFTER_MS;
    if (injector.load([])) logger.warn({ err: error }, 'chaos is suspended: Redis cannot be read and written');
  }

  async function loop(): Promise<void> {
    while (!stopped.signal.aborted) {
      const before = performance.now();
      await pause(READ_EVERY_MS, woken.signal);
      if (woken.signal.aborted) woken = new AbortController();
      // Time in which this process was blocked does not count as time without Redis.
      const late = performance.now() - before - READ_EVERY_MS;
      if (late > READ_EVERY_MS) lastContact += late;
      if (!stopped.signal.aborted) await tick();
    }
  }

  return {
    flush,

    /** The newest halt or re-arming that this process knows. */
    get latch() {
      return latch;
    },

    /** Takes over a halt or a re-arming. A halt ends every fault of this process at once and for good, whatever Redis holds. */
    learn,

    /** Reads the armed faults, waiting half a second for Redis at most; then keeps reading them. */
    async start(): Promise<void> {
      subscriber.on('message', () => woken.abort());
      subscriber.subscribe(keys.channel).catch(() => {});
      if (redis.status !== 'ready') {
        const connected = new Promise<void>((resolve) => void redis.once('ready', resolve));
        await Promise.race([connected, pause(FIRST_CONTACT_MS)]);
      }
      await tick();
      running = loop();
    },

    /** Reads the faults and reports, now. */
    now: tick,

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
