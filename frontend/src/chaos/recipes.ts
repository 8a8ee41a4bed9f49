import type { ArmFaultBody, Failpoint, FaultType } from '@valerix/contracts';
import { declaration, type ServiceKey } from '@valerix/system';

/** A fault before it is armed. */
export type RecipeFault = Omit<ArmFaultBody, 'ttl_seconds' | 'created_by' | 'reason'>;

/** A fault worth arming, with its usual percentage. */
export interface Recipe {
  readonly id: string;
  readonly title: string;
  /** The effect to watch for. */
  readonly expect: string;
  readonly fault: RecipeFault;
}

/** Returns a function that makes faults of one service, or of its requests to one route. */
const faultsOf =
  (key: ServiceKey, route?: string) =>
  (type: FaultType, point: string, percentage: number, params: RecipeFault['params'] = {}): RecipeFault => {
    const match = route === undefined ? {} : { method: 'POST', route };
    return { service: declaration(key).name, match, type, point, percentage, params };
  };

const deductions = faultsOf('inventory', '/api/inventory/deduct');
const placements = faultsOf('order', '/api/orders');
const inventory = faultsOf('inventory');
const order = faultsOf('order');

export const RECIPES: readonly Recipe[] = [
  {
    id: 'lost-reply',
    title: 'The reply is lost',
    expect:
      'Orders are queued although the stock is deducted. The worker asks again and gets the recorded decision; no unit is deducted twice.',
    fault: deductions('drop-response', 'after-commit', 30),
  },
  {
    id: 'slow-inventory',
    title: 'The inventory service is slow',
    expect: 'Orders wait until their deadline and are then queued. The breaker opens, and the response time recovers.',
    fault: deductions('latency', 'inbound', 50, { latency_ms: 500, latency_max_ms: 3000 }),
  },
  {
    id: 'every-third-slow',
    title: 'Every third deduction is slow',
    expect: 'A fixed pattern, counted over all replicas.',
    fault: { ...deductions('latency', 'inbound', 100, { latency_ms: 2000 }), every_nth: 3 },
  },
  {
    id: 'inventory-errors',
    title: 'The inventory service fails',
    expect: 'Orders are queued, and after enough failures the breaker opens. No order is refused.',
    fault: deductions('error', 'inbound', 40, { status: 503 }),
  },
  {
    id: 'cut-connections',
    title: 'Connections are cut',
    expect: 'The order service does not know whether its call arrived. It repeats the call with the same order id.',
    fault: deductions('reset', 'after-commit', 30),
  },
  {
    id: 'crash-after-commit',
    title: 'The inventory service dies after its commit',
    expect: 'The process really dies, and is restarted. Its commits stand; the rest is rolled back.',
    fault: deductions('crash', 'after-commit', 5),
  },
  {
    id: 'crash-before-commit',
    title: 'The inventory service dies before its commit',
    expect: 'The whole batch is rolled back. Its orders are queued and decided again.',
    fault: deductions('crash', 'ledger.before-commit', 5),
  },
  {
    id: 'frozen-inventory',
    title: 'The inventory service freezes',
    expect: 'Its event loop stops, including health checks. Calls to it wait, and orders are queued.',
    fault: deductions('hang', 'inbound', 2, { hang_ms: 3000 }),
  },
  {
    id: 'slow-orders',
    title: 'The order service is slow',
    expect: 'Every order is delayed before its first step. The response time turns amber, then red.',
    fault: placements('latency', 'inbound', 100, { latency_ms: 2000 }),
  },
  {
    id: 'slow-calls',
    title: 'The network between the services is slow',
    expect:
      'The inventory service itself is fast. The order service gives up calls that take too long, and repeats them.',
    fault: order('latency', 'outbound', 50, { latency_ms: 300, latency_max_ms: 1500 }),
  },
  {
    id: 'crash-after-create',
    title: 'The order service dies before it asks for stock',
    expect: 'The customer gets no answer, but the order exists. Once its lease ends, the worker settles it.',
    fault: order('crash', 'order.after-create', 5),
  },
  {
    id: 'crash-after-settle',
    title: 'The order service dies before it replies',
    expect: 'The order is settled, but the customer gets no answer. A retry under the same key gets the stored answer.',
    fault: order('crash', 'order.after-answer', 5),
  },
  {
    id: 'worker-crash',
    title: 'The worker dies while it settles an order',
    expect: 'The order stays queued. Once its lease ends, another worker or the restarted one claims it.',
    fault: order('crash', 'worker.after-claim', 10),
  },
  {
    id: 'slow-order-database',
    title: 'The order database is slow',
    expect: 'Every order and every read takes longer.',
    fault: order('dependency-slow', 'dependency.postgres', 100, { dependency: 'postgres', latency_ms: 400 }),
  },
  {
    id: 'no-redis',
    title: 'The order service cannot reach Redis',
    expect: 'Nothing changes for customers: PostgreSQL decides. The order service reports itself degraded.',
    fault: order('dependency-refuse', 'dependency.redis', 100, { dependency: 'redis' }),
  },
  {
    id: 'no-stock-database',
    title: 'The inventory service cannot reach its database',
    expect: 'The inventory service cannot decide. Orders are queued until it can again.',
    fault: inventory('dependency-refuse', 'dependency.postgres', 100, { dependency: 'postgres' }),
  },
];

/** Whether the services have this fault's failpoint. */
export const isOffered = ({ fault }: Recipe, failpoints: readonly Failpoint[]): boolean =>
  failpoints.some(
    ({ service, point, types }) => service === fault.service && point === fault.point && types.includes(fault.type),
  );

/** Whether the fault can be limited to orders with one item: a call to a dependency names no item. */
export const hasItems = ({ point }: RecipeFault): boolean =>
  !point.startsWith('dependency.') && point !== 'queue-consume';
