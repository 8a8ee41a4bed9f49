import * as wire from '@valerix/contracts';
import { COMPANIONS, SERVICES, type ServiceKey } from '@valerix/system';
import type { z } from 'zod';

/** `any`: the request is for whichever service can be reached. */
export type Upstream = ServiceKey | 'laboratory' | 'any';

/** The upstream's name in messages. */
export const upstreamName = (key: Upstream): string =>
  key === 'any' ? 'any service' : { ...SERVICES, ...COMPANIONS }[key].name;

export interface AllowedRoute {
  readonly method: 'GET' | 'POST' | 'PATCH' | 'DELETE';
  readonly pattern: RegExp;
  /** `every`: the dashboard asks every service and answers itself. */
  readonly upstream: Upstream | 'every';
  /** For signed-in operators only; the proxy adds the operator's token. */
  readonly operator: boolean;
  readonly stream: boolean;
  /** The answer is a page, which runs in a sandbox. */
  readonly page: boolean;
  /** What a good answer looks like; `null` for one that passes as it is. */
  readonly answer: z.ZodType | null;
}

const UUID = '[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}';
const ITEM = '[a-z0-9][a-z0-9-]{0,63}';
const ID = '[A-Za-z0-9_.-]{1,100}';
const GAMEDAY = '\\d{4}-\\d{2}-\\d{2}T\\d{2}-\\d{2}-\\d{2}-[A-Za-z0-9][A-Za-z0-9._-]{0,79}';

type Flag = 'operator' | 'stream' | 'page';
type Row = readonly [AllowedRoute['method'], string, AllowedRoute['upstream'], (Flag | z.ZodType)?, z.ZodType?];

/** Everything that a browser may reach: method, path, upstream, flag, and the form of the answer if a page reads it. */
const ROUTES: readonly Row[] = [
  ['POST', '/api/orders', 'order'],
  ['GET', '/api/orders', 'order', wire.orderPage],
  ['GET', '/api/orders/stream', 'order', 'stream'],
  ['GET', `/api/orders/${UUID}`, 'order', wire.orderAnswer],
  ['GET', `/api/orders/${UUID}/events`, 'order', wire.orderEvents],
  ['POST', `/api/orders/${UUID}/cancel`, 'order'],
  ['GET', '/api/queue', 'order', wire.queueState],
  ['POST', '/api/queue/redrive', 'order', 'operator', wire.redriveAnswer],
  ['POST', `/api/queue/${UUID}/redrive`, 'order', 'operator'],
  ['GET', '/api/integrity', 'order', wire.integrity],
  ['GET', '/api/inventory', 'inventory', wire.inventoryList],
  ['POST', '/api/inventory', 'inventory', 'operator'],
  ['GET', '/api/inventory/ledger', 'inventory', wire.ledgerPage],
  ['GET', `/api/inventory/${ITEM}`, 'inventory', wire.inventoryAnswer],
  ['PATCH', `/api/inventory/${ITEM}`, 'inventory', 'operator'],
  ['GET', `/api/decisions/${UUID}`, 'inventory', wire.decisionAnswer],
  ['POST', `/api/inventory/${ITEM}/restock`, 'inventory', 'operator'],
  ['GET', '/api/payments', 'payment', 'operator', wire.paymentLedgerPage],
  ['GET', '/api/payments/open', 'payment', 'operator', wire.openPayments],
  ['GET', '/api/payments/reconciliation', 'payment', 'operator', wire.reconciliation],
  ['POST', '/api/payments/reconcile', 'payment', 'operator'],
  ['GET', `/api/payments/${UUID}`, 'payment', 'operator', wire.paymentAnswer],
  ['GET', '/api/identity/users', 'identity', 'operator', wire.userList],
  ['POST', '/api/identity/users', 'identity', 'operator'],
  ['PATCH', `/api/identity/users/${UUID}`, 'identity', 'operator'],
  ['GET', '/api/admin/chaos', 'any', 'operator'],
  ['POST', '/api/admin/chaos', 'any', 'operator'],
  ['DELETE', '/api/admin/chaos', 'any', 'operator'],
  ['GET', '/api/admin/chaos/failpoints', 'any', 'operator', wire.failpoints],
  ['GET', '/api/admin/chaos/audit', 'every', 'operator'],
  ['POST', '/api/admin/chaos/faults', 'any', 'operator', wire.faultAnswer],
  ['DELETE', `/api/admin/chaos/faults/${ID}`, 'any', 'operator'],
  ['POST', '/api/admin/chaos/halt', 'every', 'operator'],
  ['POST', '/api/admin/chaos/rearm', 'any', 'operator'],
  ['GET', '/api/experiments', 'laboratory', wire.experimentList],
  ['GET', '/api/gamedays', 'laboratory', wire.gamedayPage],
  ['POST', '/api/gamedays', 'laboratory', 'operator', wire.gamedayAnswer],
  ['GET', `/api/gamedays/${GAMEDAY}`, 'laboratory', wire.gamedayDetail],
  ['GET', `/api/gamedays/${GAMEDAY}/stream`, 'laboratory', 'stream'],
  ['POST', `/api/gamedays/${GAMEDAY}/stop`, 'laboratory', 'operator'],
  ['GET', `/api/gamedays/${GAMEDAY}/report`, 'laboratory', 'page'],
  ['GET', `/api/gamedays/${GAMEDAY}/journal`, 'laboratory'],
  ['GET', `/api/gamedays/${GAMEDAY}/history`, 'laboratory', 'operator'],
];

const COMPILED: readonly AllowedRoute[] = ROUTES.map(([method, path, upstream, flag, answer]) => ({
  method,
  pattern: new RegExp(`^${path}$`),
  upstream,
  operator: flag === 'operator',
  stream: flag === 'stream',
  page: flag === 'page',
  answer: answer ?? (typeof flag === 'object' ? flag : null),
}));

/** The route for a method and a path, or `null`. The path must be as it arrived, not decoded. */
export function allowedRoute(method: string, path: string): AllowedRoute | null {
  return COMPILED.find((route) => route.method === method && route.pattern.test(path)) ?? null;
}
