import type { ServiceName } from '@valerix/contracts';

/** What the dashboard passes requests on to. */
export type Upstream = ServiceName | 'laboratory';

export interface AllowedRoute {
  readonly method: 'GET' | 'POST' | 'DELETE';
  readonly pattern: RegExp;
  readonly service: Upstream;
  /** Needs a signed-in operator; the proxy then adds the operator's token. */
  readonly operator: boolean;
  readonly stream: boolean;
  /** A page rather than data: it is shown in a sandbox. */
  readonly page: boolean;
  readonly timeout_ms: number;
}

const UUID = '[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}';
const ITEM = '[a-z0-9][a-z0-9-]{0,63}';
const ID = '[A-Za-z0-9_.-]{1,100}';
const GAMEDAY = '\\d{4}-\\d{2}-\\d{2}T\\d{2}-\\d{2}-\\d{2}-[A-Za-z0-9][A-Za-z0-9._-]{0,79}';

/** Everything the browser may reach. What is not listed does not exist for it: `<method> <path> <service> [flags]`. */
const ROUTES: ReadonlyArray<readonly [AllowedRoute['method'], string, Upstream, ('operator' | 'stream' | 'page')?]> = [
  ['POST', '/api/orders', 'order-service'],
  ['GET', '/api/orders', 'order-service'],
  ['GET', '/api/orders/stream', 'order-service', 'stream'],
  ['GET', `/api/orders/${UUID}`, 'order-service'],
  ['GET', `/api/orders/${UUID}/events`, 'order-service'],
  ['POST', `/api/orders/${UUID}/cancel`, 'order-service'],
  ['GET', '/api/queue', 'order-service'],
  ['POST', `/api/queue/${UUID}/redrive`, 'order-service', 'operator'],
  ['GET', '/api/integrity', 'order-service'],
  ['GET', '/api/inventory', 'inventory-service'],
  ['GET', '/api/inventory/ledger', 'inventory-service'],
  ['GET', `/api/inventory/${ITEM}`, 'inventory-service'],
  ['GET', `/api/inventory/decisions/${UUID}`, 'inventory-service'],
  ['POST', `/api/inventory/${ITEM}/restock`, 'inventory-service', 'operator'],
  ['GET', '/api/admin/chaos', 'inventory-service', 'operator'],
  ['POST', '/api/admin/chaos', 'inventory-service', 'operator'],
  ['DELETE', '/api/admin/chaos', 'inventory-service', 'operator'],
  ['GET', '/api/admin/chaos/failpoints', 'inventory-service', 'operator'],
  ['GET', '/api/admin/chaos/audit', 'inventory-service', 'operator'],
  ['POST', '/api/admin/chaos/faults', 'inventory-service', 'operator'],
  ['DELETE', `/api/admin/chaos/faults/${ID}`, 'inventory-service', 'operator'],
  ['POST', '/api/admin/chaos/halt', 'inventory-service', 'operator'],
  ['POST', '/api/admin/chaos/rearm', 'inventory-service', 'operator'],
  ['GET', '/api/experiments', 'laboratory'],
  ['GET', '/api/gamedays', 'laboratory'],
  ['POST', '/api/gamedays', 'laboratory', 'operator'],
  ['GET', `/api/gamedays/${GAMEDAY}`, 'laboratory'],
  ['GET', `/api/gamedays/${GAMEDAY}/stream`, 'laboratory', 'stream'],
  ['POST', `/api/gamedays/${GAMEDAY}/stop`, 'laboratory', 'operator'],
  ['GET', `/api/gamedays/${GAMEDAY}/report`, 'laboratory', 'page'],
  ['GET', `/api/gamedays/${GAMEDAY}/journal`, 'laboratory'],
];

/** Longer than the services' own deadlines, so that their answer is seen rather than ours. */
const TIMEOUT_MS = 15_000;

const COMPILED: readonly AllowedRoute[] = ROUTES.map(([method, path, service, flag]) => ({
  method,
  pattern: new RegExp(`^${path}$`),
  service,
  operator: flag === 'operator',
  stream: flag === 'stream',
  page: flag === 'page',
  timeout_ms: TIMEOUT_MS,
}));

/** The route that this method and path may take, or `null`. The path must be as it arrived, not decoded. */
export function allowedRoute(method: string, path: string): AllowedRoute | null {
  return COMPILED.find((route) => route.method === method && route.pattern.test(path)) ?? null;
}
