import type { ArmFaultBody, Failpoint, FaultType } from '@valerix/contracts';
import { SERVICES, type ServiceName } from '@valerix/system';

const INVENTORY = SERVICES.inventory.name;
const ORDER = SERVICES.order.name;

/** A fault worth arming, described before its percentage is chosen. */
export interface Recipe {
  readonly id: string;
  readonly title: string;
  /** What to watch for. */
  readonly expect: string;
  readonly service: ServiceName;
  readonly type: FaultType;
  readonly point: string;
  readonly percentage: number;
  readonly every_nth?: number;
  readonly params?: ArmFaultBody['params'];
  readonly match: ArmFaultBody['match'];
}

type Of = (recipe: Omit<Recipe, 'service' | 'match'>) => Recipe;
const route = (path: string) => ({ method: 'POST', route: path });

const deductions: Of = (recipe) => ({ service: INVENTORY, match: route('/api/inventory/deduct'), ...recipe });
const ofInventory: Of = (recipe) => ({ service: INVENTORY, match: {}, ...recipe });
const placements: Of = (recipe) => ({ service: ORDER, match: route('/api/orders'), ...recipe });
const ofOrders: Of = (recipe) => ({ service: ORDER, match: {}, ...recipe });

export const RECIPES: readonly Recipe[] = [
  deductions({
    id: 'lost-reply',
    title: 'The reply is lost',
    expect:
      'Orders are queued although the stock is gone. The worker settles them from the ledger; no unit is taken twice.',
    type: 'drop-response',
    point: 'after-commit',
    percentage: 30,
  }),
  deductions({
    id: 'slow-warehouse',
    title: 'The warehouse is slow',
    expect: 'Orders wait until their deadline, then are queued. The breaker opens and the response time recovers.',
    type: 'latency',
    point: 'inbound',
    percentage: 50,
    params: { latency_ms: 500, latency_max_ms: 3000 },
  }),
  deductions({
    id: 'every-third-slow',
    title: 'Every third one is slow',
    expect: 'A pattern, not chance, counted over all replicas.',
    type: 'latency',
    point: 'inbound',
    percentage: 100,
    every_nth: 3,
    params: { latency_ms: 2000 },
  }),
  deductions({
    id: 'warehouse-errors',
    title: 'The warehouse fails',
    expect: 'Orders are queued; after enough failures the breaker opens. None is refused for it.',
    type: 'error',
    point: 'inbound',
    percentage: 40,
    params: { status: 503 },
  }),
  deductions({
    id: 'cut-connections',
    title: 'Connections are cut',
    expect: 'The order service does not know whether its call arrived. It asks again with the same order id.',
    type: 'reset',
    point: 'after-commit',
    percentage: 30,
  }),
  deductions({
    id: 'crash-after-commit',
    title: 'The warehouse dies after it committed',
    expect: 'The process really dies and is started again. What it committed stands; the rest is rolled back.',
    type: 'crash',
    point: 'after-commit',
    percentage: 5,
  }),
  deductions({
    id: 'crash-before-commit',
    title: 'The warehouse dies before it commits',
    expect: 'The whole batch is rolled back. Its orders are queued and decided anew.',
    type: 'crash',
    point: 'ledger.before-commit',
    percentage: 5,
  }),
  deductions({
    id: 'frozen-warehouse',
    title: 'The warehouse freezes',
    expect: 'Its event loop stands still, health checks included. Everything behind it waits or is queued.',
    type: 'hang',
    point: 'inbound',
    percentage: 2,
    params: { hang_ms: 3000 },
  }),
  placements({
    id: 'slow-orders',
    title: 'The order service is slow',
    expect: 'Every order takes longer from its first step. The response time turns amber, then red.',
    type: 'latency',
    point: 'inbound',
    percentage: 100,
    params: { latency_ms: 2000 },
  }),
  ofOrders({
    id: 'slow-calls',
    title: 'The network between the services is slow',
    expect: 'The warehouse itself is fast. Calls that take too long are given up and asked again.',
    type: 'latency',
    point: 'outbound',
    percentage: 50,
    params: { latency_ms: 300, latency_max_ms: 1500 },
  }),
  ofOrders({
    id: 'crash-after-create',
    title: 'The order service dies between storing and asking',
    expect: 'The customer hears nothing. The order exists; its lease ends and the sweep settles it.',
    type: 'crash',
    point: 'order.after-create',
    percentage: 5,
  }),
  ofOrders({
    id: 'crash-after-settle',
    title: 'The order service dies before it replies',
    expect: 'The order is settled, the customer is not told. A retry under the same key gets the stored answer.',
    type: 'crash',
    point: 'order.after-answer',
    percentage: 5,
  }),
  ofOrders({
    id: 'worker-crash',
    title: 'The worker dies with an order in hand',
    expect: 'The order stays queued. Its lease ends, and another worker or the restarted one takes it.',
    type: 'crash',
    point: 'worker.after-claim',
    percentage: 10,
  }),
  ofOrders({
    id: 'slow-order-database',
    title: 'The order database is slow',
    expect: 'Every order takes longer, and so does everything that is read.',
    type: 'dependency-slow',
    point: 'dependency.postgres',
    percentage: 100,
    params: { dependency: 'postgres', latency_ms: 400 },
  }),
  ofOrders({
    id: 'no-redis',
    title: 'Redis is gone for the order service',
    expect: 'Nothing changes for customers: PostgreSQL decides. The order service calls itself degraded.',
    type: 'dependency-refuse',
    point: 'dependency.redis',
    percentage: 100,
    params: { dependency: 'redis' },
  }),
  ofInventory({
    id: 'no-stock-database',
    title: 'The stock database is gone',
    expect: 'The warehouse cannot decide. Orders are queued until it can.',
    type: 'dependency-refuse',
    point: 'dependency.postgres',
    percentage: 100,
    params: { dependency: 'postgres' },
  }),
];

/** Whether the services say that they have this fault. */
export function isOffered(recipe: Recipe, failpoints: readonly Failpoint[]): boolean {
  return failpoints.some(
    (one) => one.service === recipe.service && one.point === recipe.point && one.types.includes(recipe.type),
  );
}

/** Whether a fault can be limited to the orders that contain an item: calls to a dependency know of none. */
export function hasItems(recipe: Recipe): boolean {
  return !recipe.point.startsWith('dependency.') && recipe.point !== 'queue-consume';
}
