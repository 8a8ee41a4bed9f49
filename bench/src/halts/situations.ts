import type { ArmFaultBody } from '@valerix/contracts';
import { declaration, SERVICE_KEYS, SERVICES } from '@valerix/system';
import { Redis } from 'ioredis';
import type { BenchStack } from '../system/bench-stack.ts';

/** The fault, and perhaps the outage, during which a halt is measured. */
export interface Situation {
  title: string;
  /** Armed at the failpoint `inbound` of every service. */
  fault: Pick<ArmFaultBody, 'type'> & Partial<ArmFaultBody>;
  /** Starts an outage just before the halt. @returns a function that ends it */
  outage?(bench: BenchStack): Promise<() => Promise<unknown>>;
}

const SLOW = { type: 'latency', params: { latency_ms: 5_000 } } as const;

export const SITUATIONS: Readonly<Record<string, Situation>> = {
  crashing: {
    title: 'every service crashes at 30 %',
    fault: { type: 'crash', percentage: 30 },
  },
  hanging: { title: 'every service hangs for 5 s', fault: { type: 'hang', params: { hang_ms: 5_000 } } },
  slow: { title: 'every service waits 5 s', fault: SLOW },
  'read-only': {
    title: 'Redis is read-only',
    fault: SLOW,
    async outage({ stack }) {
      const redis = new Redis(stack.redisUrl);
      // A replica of a primary that does not exist.
      await redis.replicaof('127.0.0.1', 1);
      return () => redis.replicaof('NO', 'ONE').finally(() => redis.disconnect());
    },
  },
  'redis-down': {
    title: 'Redis is down',
    fault: SLOW,
    async outage({ stack }) {
      await stack.redis.hold();
      return () => stack.redis.start();
    },
  },
  stopped: {
    title: 'the inventory service is stopped (SIGSTOP)',
    fault: SLOW,
    async outage({ stack }) {
      const stopped = stack.process(SERVICES.inventory.name);
      await stopped.kill('SIGSTOP');
      return () => stopped.kill('SIGCONT');
    },
  },
};

/** Arms the situation's fault in every service, through any process that takes it. */
export async function arm(bench: BenchStack, { fault }: Situation): Promise<void> {
  for (const key of SERVICE_KEYS) {
    const service = declaration(key).name;
    await bench.operator('POST', '/api/admin/chaos/faults', {
      service,
      point: 'inbound',
      reason: 'a halt is measured',
      ...fault,
    });
  }
}
