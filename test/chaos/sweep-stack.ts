import { setTimeout as sleep } from 'node:timers/promises';
import { type Stack, startStack } from '@valerix/local-stack';
import { declaration, SERVICE_KEYS, type ServiceKey } from '@valerix/system';
import { type ChaosClient, chaosClient } from '../support/chaos-client.ts';
import { post } from '../support/http.ts';

/**
 * Short limits make takeovers happen within a second: the deadlines of the three calls of a paid order, 300, 290 and 300 ms, are shorter
 * than the lease of 900 ms, and the lease is shorter than the injected latency of 1,100 ms.
 */
const ORDER_ENV = {
  INVENTORY_DEADLINE_MS: '300',
  INVENTORY_ATTEMPT_TIMEOUT_MS: '120',
  INVENTORY_MAX_ATTEMPTS: '2',
  LEASE_MS: '900',
  SWEEP_INTERVAL_MS: '100',
  BACKOFF_MS: '50',
  BACKOFF_CAP_MS: '200',
  // With such short waits, a blocked inventory service costs more attempts than in production.
  MAX_ATTEMPTS: '1000',
  MARK_INTERVAL_MS: '100',
  PAYMENT_DEADLINE_MS: '290',
  PAYMENT_ATTEMPT_TIMEOUT_MS: '250',
};
/** The same for money. No webhook tells what a reply has told: what no reply told must be asked for. */
const PAYMENT_ENV = { PROVIDER_TIMEOUT_MS: '200', SWEEP_INTERVAL_MS: '100' };
const PROVIDER_ENV = {
  LATE_MS: '400',
  SLOW_MS: '600',
  WEBHOOK_PERCENTAGE: '0',
  WEBHOOK_TWICE_PERCENTAGE: '100',
  WEBHOOK_DELAY_MS: '100',
  SEND_INTERVAL_MS: '50',
};

export interface SweepStack {
  stack: Stack;
  chaos: ChaosClient;
  orderUrl: string;
  inventoryUrl: string;
  /** How long an order may take to settle, milliseconds. */
  settleLimitMs: number;
  /** Violations found so far; each counts against the cell that ran when it appeared. */
  violations: Set<string>;
  stop(): Promise<void>;
}

export const ITEMS = ['switch', 'monitor'];

/** A stack of these services, whose processes restart at once when they die, without the supervisor's backoff. */
export async function startSweepStack(
  env: Partial<Record<ServiceKey, Record<string, string>>> = {},
  services: readonly ServiceKey[] = SERVICE_KEYS,
  settleLimitMs = 30_000,
): Promise<SweepStack> {
  const stack = await startStack({
    restart: false,
    services,
    env: {
      ...env,
      order: { ...ORDER_ENV, ...env.order },
      payment: { ...PAYMENT_ENV, ...env.payment },
      provider: { ...PROVIDER_ENV, ...env.provider },
    },
  });
  const stopReviving = revive(
    stack,
    services.map((key) => declaration(key).name),
  );
  const inventoryUrl = stack.services.inventory.urls[0] as string;
  const authorization = { Authorization: `Bearer ${stack.operatorToken}` };
  for (const item of ITEMS) {
    await post(
      `${inventoryUrl}/api/inventory/${item}/restock`,
      { restock_id: `sweep-${item}`, quantity: 5_000 },
      authorization,
    );
  }
  return {
    stack,
    chaos: chaosClient(stack, inventoryUrl),
    orderUrl: stack.services.order.urls[0] as string,
    inventoryUrl,
    settleLimitMs,
    violations: new Set(),
    async stop() {
      await stopReviving();
      await stack.stop();
    },
  };
}

function revive(stack: Stack, names: readonly string[]): () => Promise<void> {
  let stopped = false;
  const watching = names.map(async (name) => {
    const process = stack.process(name);
    while (!stopped) {
      // Start a process again that a fault killed during its start.
      if (process.pid === undefined) await process.start().catch(() => {});
      await sleep(20);
    }
  });
  return async () => {
    stopped = true;
    await Promise.all(watching);
  };
}
