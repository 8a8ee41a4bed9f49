import type { ArmFaultBody, Failpoint, FaultType, ServiceName } from '@valerix/contracts';

/** A fault worth arming, described before its percentage is chosen. */
export interface Recipe {
  readonly id: string;
  readonly title: string;
  /** What to watch for. */
  readonly expect: string;
  readonly service: ServiceName;
  readonly type: FaultType;
  /** The points it may be armed at, best first; the services say which of them they have. */
  readonly points: readonly string[];
  readonly percentage: number;
  readonly every_nth?: number;
  readonly params: ArmFaultBody['params'];
  readonly match?: ArmFaultBody['match'];
}

const DEDUCT = ['after-commit', 'inbound'];

export const RECIPES: readonly Recipe[] = [
  {
    id: 'lost-reply',
    title: 'Deductions commit, then the reply is dropped',
    expect:
      'Orders are queued although the stock is gone. The worker settles them from the ledger; no unit is taken twice.',
    service: 'inventory-service',
    type: 'drop-response',
    points: ['after-commit'],
    percentage: 30,
    params: {},
  },
  {
    id: 'crash-after-commit',
    title: 'The warehouse dies after it committed',
    expect: 'The process really dies and is started again. Deductions it committed stand; the rest is rolled back.',
    service: 'inventory-service',
    type: 'crash',
    points: ['after-commit'],
    percentage: 5,
    params: {},
  },
  {
    id: 'slow-warehouse',
    title: 'The warehouse answers slowly',
    expect: 'Orders wait until their deadline, then are queued. The breaker opens and the response time recovers.',
    service: 'inventory-service',
    type: 'latency',
    points: ['inbound'],
    percentage: 50,
    params: { latency_ms: 500, latency_max_ms: 3000 },
  },
  {
    id: 'every-third-slow',
    title: 'Every third request is slow',
    expect: 'A pattern, not chance, counted over all replicas.',
    service: 'inventory-service',
    type: 'latency',
    points: ['inbound'],
    percentage: 100,
    every_nth: 3,
    params: { latency_ms: 2000 },
  },
  {
    id: 'warehouse-errors',
    title: 'The warehouse answers 503',
    expect: 'Orders are queued; after enough failures the breaker opens. None is refused for it.',
    service: 'inventory-service',
    type: 'error',
    points: ['inbound'],
    percentage: 40,
    params: { status: 503 },
  },
  {
    id: 'cut-connections',
    title: 'Connections to the warehouse are cut',
    expect: 'The order service does not know whether its call arrived. It asks again with the same order id.',
    service: 'inventory-service',
    type: 'reset',
    points: DEDUCT,
    percentage: 30,
    params: {},
  },
  {
    id: 'frozen-warehouse',
    title: 'The warehouse freezes',
    expect: 'Its event loop stands still, health checks included. Everything behind it waits or is queued.',
    service: 'inventory-service',
    type: 'hang',
    points: ['inbound'],
    percentage: 2,
    params: { hang_ms: 3000 },
  },
  {
    id: 'slow-calls',
    title: 'Calls to the warehouse are delayed on the way',
    expect: 'As a slow network between the services: the warehouse itself is fast.',
    service: 'order-service',
    type: 'latency',
    points: ['outbound'],
    percentage: 50,
    params: { latency_ms: 300, latency_max_ms: 1500 },
  },
  {
    id: 'worker-crash',
    title: 'The order service dies while settling a queued order',
    expect: 'The order stays queued. Its lease ends, and the worker of another or the restarted process takes it.',
    service: 'order-service',
    type: 'crash',
    points: ['queue-consume'],
    percentage: 10,
    params: {},
  },
  {
    id: 'slow-order-database',
    title: 'The order database is slow',
    expect: 'Every order takes longer from its first step. The tile turns amber, then red.',
    service: 'order-service',
    type: 'dependency-slow',
    points: ['dependency', 'postgres', 'inbound'],
    percentage: 100,
    params: { dependency: 'postgres', latency_ms: 400 },
  },
  {
    id: 'no-redis',
    title: 'Redis refuses the order service',
    expect: 'Nothing changes for customers: PostgreSQL decides. The order service calls itself degraded.',
    service: 'order-service',
    type: 'dependency-refuse',
    points: ['dependency', 'redis', 'inbound'],
    percentage: 100,
    params: { dependency: 'redis' },
  },
  {
    id: 'no-stock-database',
    title: 'The stock database refuses connections',
    expect: 'The warehouse cannot decide. Orders are queued until it can.',
    service: 'inventory-service',
    type: 'dependency-refuse',
    points: ['dependency', 'postgres', 'inbound'],
    percentage: 100,
    params: { dependency: 'postgres' },
  },
];

/** The failpoint at which a recipe can be armed, or `null` when the services do not offer it. */
export function pointFor(recipe: Recipe, failpoints: readonly Failpoint[]): string | null {
  const offered = failpoints.filter((one) => one.service === recipe.service && one.types.includes(recipe.type));
  for (const point of recipe.points) {
    const found = offered.find((one) => one.point === point || one.point.endsWith(`.${point}`));
    if (found) return found.point;
  }
  return null;
}
