import type { ArmFaultBody, Failpoint } from '@valerix/contracts';
import { SERVICES } from '@valerix/system';

type RecipeFault = Omit<ArmFaultBody, 'ttl_seconds' | 'created_by' | 'reason'>;

/** A fault worth arming, with its usual percentage. */
export interface Recipe {
  readonly id: string;
  readonly title: string;
  /** The effect to watch for. */
  readonly expect: string;
  readonly fault: RecipeFault;
}

type Of = (fault: Pick<RecipeFault, 'type' | 'point' | 'percentage'> & Partial<RecipeFault>) => RecipeFault;
const inventory = { service: SERVICES.inventory.name, params: {}, match: {} };
const order = { service: SERVICES.order.name, params: {}, match: {} };
const route = (path: string) => ({ method: 'POST', route: path });

const deductions: Of = (fault) => ({ ...inventory, match: route('/api/inventory/deduct'), ...fault });
const ofInventory: Of = (fault) => ({ ...inventory, ...fault });
const placements: Of = (fault) => ({ ...order, match: route('/api/orders'), ...fault });
const ofOrders: Of = (fault) => ({ ...order, ...fault });

export const RECIPES: readonly Recipe[] = [
  {
    id: 'lost-reply',
    title: 'The reply is lost',
    expect:
      'Orders are queued although the stock is deducted. The worker settles them from the ledger; no unit is deducted twice.',
    fault: deductions({ type: 'drop-response', point: 'after-commit', percentage: 30 }),
  },
  {
    id: 'slow-warehouse',
    title: 'The inventory service is slow',
    expect: 'Orders wait until their deadline, then are queued. The breaker opens and the response time recovers.',
    fault: deductions({
      type: 'latency',
      point: 'inbound',
      percentage: 50,
      params: { latency_ms: 500, latency_max_ms: 3000 },
    }),
  },
  {
    id: 'every-third-slow',
    title: 'Every third deduction is slow',
    expect: 'A fixed pattern, counted over all replicas.',
    fault: deductions({
      type: 'latency',
      point: 'inbound',
      percentage: 100,
      every_nth: 3,
      params: { latency_ms: 2000 },
    }),
  },
  {
    id: 'warehouse-errors',
    title: 'The inventory service fails',
    expect: 'Orders are queued; after enough failures the breaker opens. No order is refused.',
    fault: deductions({ type: 'error', point: 'inbound', percentage: 40, params: { status: 503 } }),
  },
  {
    id: 'cut-connections',
    title: 'Connections are cut',
    expect: 'The order service does not know whether its call arrived. It repeats it with the same order id.',
    fault: deductions({ type: 'reset', point: 'after-commit', percentage: 30 }),
  },
  {
    id: 'crash-after-commit',
    title: 'The inventory service dies after its commit',
    expect: 'The process really dies and is restarted. Its commits stand; the rest is rolled back.',
    fault: deductions({ type: 'crash', point: 'after-commit', percentage: 5 }),
  },
  {
    id: 'crash-before-commit',
    title: 'The inventory service dies before its commit',
    expect: 'The whole batch is rolled back. Its orders are queued and decided again.',
    fault: deductions({ type: 'crash', point: 'ledger.before-commit', percentage: 5 }),
  },
  {
    id: 'frozen-warehouse',
    title: 'The inventory service freezes',
    expect: 'Its event loop stops, including health checks. Calls to it wait, and orders are queued.',
    fault: deductions({ type: 'hang', point: 'inbound', percentage: 2, params: { hang_ms: 3000 } }),
  },
  {
    id: 'slow-orders',
    title: 'The order service is slow',
    expect: 'Every order takes longer from its first step. The response time turns amber, then red.',
    fault: placements({ type: 'latency', point: 'inbound', percentage: 100, params: { latency_ms: 2000 } }),
  },
  {
    id: 'slow-calls',
    title: 'The network between the services is slow',
    expect: 'The inventory service itself is fast. Calls that take too long are abandoned and repeated.',
    fault: ofOrders({
      type: 'latency',
      point: 'outbound',
      percentage: 50,
      params: { latency_ms: 300, latency_max_ms: 1500 },
    }),
  },
  {
    id: 'crash-after-create',
    title: 'The order service dies before it asks for stock',
    expect: 'The customer gets no answer. The order exists; its lease ends and the sweep settles it.',
    fault: ofOrders({ type: 'crash', point: 'order.after-create', percentage: 5 }),
  },
  {
    id: 'crash-after-settle',
    title: 'The order service dies before it replies',
    expect: 'The order is settled, but the customer gets no answer. A retry under the same key replays it.',
    fault: ofOrders({ type: 'crash', point: 'order.after-answer', percentage: 5 }),
  },
  {
    id: 'worker-crash',
    title: 'The worker dies with an order in hand',
    expect: 'The order stays queued. Its lease ends, and another worker or the restarted one claims it.',
    fault: ofOrders({ type: 'crash', point: 'worker.after-claim', percentage: 10 }),
  },
  {
    id: 'slow-order-database',
    title: 'The order database is slow',
    expect: 'Every order takes longer, and so does every read.',
    fault: ofOrders({
      type: 'dependency-slow',
      point: 'dependency.postgres',
      percentage: 100,
      params: { dependency: 'postgres', latency_ms: 400 },
    }),
  },
  {
    id: 'no-redis',
    title: 'Redis is gone for the order service',
    expect: 'Nothing changes for customers: PostgreSQL decides. The order service reports itself degraded.',
    fault: ofOrders({
      type: 'dependency-refuse',
      point: 'dependency.redis',
      percentage: 100,
      params: { dependency: 'redis' },
    }),
  },
  {
    id: 'no-stock-database',
    title: 'The stock database is gone',
    expect: 'The inventory service cannot decide. Orders are queued until it can.',
    fault: ofInventory({
      type: 'dependency-refuse',
      point: 'dependency.postgres',
      percentage: 100,
      params: { dependency: 'postgres' },
    }),
  },
];

/** Whether the services have this fault's failpoint. */
export const isOffered = ({ fault }: Recipe, failpoints: readonly Failpoint[]): boolean =>
  failpoints.some(
    ({ service, point, types }) => service === fault.service && point === fault.point && types.includes(fault.type),
  );

/** Whether a fault can be limited to the orders with one item: calls to a dependency name no item. */
export const hasItems = ({ fault: { point } }: Recipe): boolean =>
  !point.startsWith('dependency.') && point !== 'queue-consume';
