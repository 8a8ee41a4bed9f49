import { createInjector } from '@valerix/service-kit/chaos/injector';
import { newFault } from '@valerix/service-kit/chaos/new-fault';
import { withFailpoints } from '@valerix/service-kit/chaos/wrap';
import { SERVICES } from '@valerix/system';

// Measures the cost of a failpoint without an armed fault: `npx node bench/src/limits/failpoint-cost.ts`. Prints nanoseconds a call.
const CALLS = 2_000_000;
const ROUNDS = 7;

const injector = createInjector({
  service: SERVICES.order.name,
  replica: 'bench',
  points: ['a', 'b'] as const,
  turns: { take: async () => 'skip' },
  marks: { send: () => {}, sent: async () => {} },
});
const orderOf = (order_id: string) => ({ order_id });
const step = async (orderId: string) => orderId.length;
const once = withFailpoints(injector, step, { before: 'a', after: 'b', context: orderOf });
// An order passes about six failpoints on its way through both services.
const six = [1, 2, 3].reduce(
  (inner: (orderId: string) => Promise<number>) =>
    withFailpoints(injector, inner, { before: 'a', after: 'b', context: orderOf }),
  step,
);

async function nanoseconds(work: (orderId: string) => Promise<number>): Promise<number> {
  const rounds: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const start = process.hrtime.bigint();
    for (let i = 0; i < CALLS; i++) await work('0191d3a0-7f5e-7d0a-9b52-2f6f0f6f3a11');
    rounds.push(Number(process.hrtime.bigint() - start) / CALLS);
  }
  // The fastest round is the least disturbed by other programs.
  return Math.min(...rounds);
}

const bare = await nanoseconds(step);
const twoPoints = await nanoseconds(once);
const sixPoints = await nanoseconds(six);
const other = newFault(
  {
    service: SERVICES.order.name,
    point: 'a',
    type: 'error',
    match: { order_id: '0191d3a0-7f5e-7d0a-9b52-2f6f0f6f3a12' },
    percentage: 100,
    params: {},
    created_by: 'bench',
    reason: 'bench',
  },
  60,
);
injector.load([{ fault: other, remainingMs: 60_000 }]);
const armed = await nanoseconds(once);

const line = (what: string, ns: number) => `${what.padEnd(52)}${ns.toFixed(1).padStart(8)} ns\n`;
process.stdout.write(
  line('the step alone', bare) +
    line('two failpoints around it, nothing armed', twoPoints - bare) +
    line('six failpoints around it, nothing armed', sixPoints - bare) +
    line('two failpoints, a fault armed that does not match', armed - bare),
);
