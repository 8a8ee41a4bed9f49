import { randomUUID } from 'node:crypto';
import type { ServiceKey } from '@valerix/system';

/** Senders whose word a service believes. */
export const CALLERS = [
  'nobody',
  'guest',
  'customer',
  'other customer',
  'operator',
  'operator token',
  'service',
] as const;
export type Caller = (typeof CALLERS)[number];
/** Senders whom no operation may believe. */
export const IMPOSTORS = [
  'expired',
  'wrong audience',
  'another algorithm',
  'alg none',
  'another key',
  'credential of another edge',
] as const;
export type Impostor = (typeof IMPOSTORS)[number];

const OPERATORS: readonly Caller[] = ['operator', 'operator token'];
const USERS: readonly Caller[] = ['customer', 'other customer', 'operator'];
const both = (...callers: Caller[]) => ({ open: callers, closed: callers });
const closedTo = (...callers: Caller[]) => ({ open: CALLERS, closed: callers });

/** Who passes, by access. */
export const RULES = {
  anyone: both(...CALLERS),
  operator: both(...OPERATORS),
  machine: both('operator token'),
  service: both('service'),
  /** Known by a signature of the body, and by no token. */
  signature: both(),
  insider: closedTo(...OPERATORS, 'service'),
  user: both(...USERS),
  lister: closedTo(...USERS, 'operator token'),
  'owner, a customer': closedTo('customer', ...OPERATORS),
  'owner, a guest': closedTo('guest', ...OPERATORS),
} satisfies Record<string, Record<'open' | 'closed', readonly Caller[]>>;

/** Of the users in the table. */
export const USER_IDS = {
  customer: '0197f000-0000-7000-8000-000000000001',
  other: '0197f000-0000-7000-8000-000000000002',
  operator: '0197f000-0000-7000-8000-000000000003',
};

/** What requests are about. */
export interface World {
  customersOrder: string;
  guestsOrder: string;
  /** Of a user who signed in with this account. */
  refreshToken: string;
}
export const ACCOUNT = { email: 'table@example.org', password: 'four legs and a plate' };

export interface Row {
  rule: keyof typeof RULES;
  /** The path, where it has a parameter or a query. */
  url?: (world: World) => string;
  body?: (world: World) => unknown;
  headers?: () => Record<string, string>;
  /** What a caller who passes may be answered, although it is no success. */
  passes?: number;
}

const json = (rule: Row['rule'], body: (world: World) => unknown, more: Partial<Row> = {}): Row => ({
  rule,
  body,
  ...more,
});
const owned = (path: string): Row[] => [
  { rule: 'owner, a customer', url: ({ customersOrder }) => path.replace('{id}', customersOrder) },
  { rule: 'owner, a guest', url: ({ guestsOrder }) => path.replace('{id}', guestsOrder) },
];
const item = (path = '') => ({ url: () => `/api/inventory/ps5${path}` });
const fault = { url: () => '/api/admin/chaos/faults/none', passes: 404 };

const command = (about: object) => ({
  order_id: randomUUID(),
  attempt: 1,
  request_id: 'table',
  deadline_ms: 5_000,
  ...about,
});
const ndjson = () => ({ 'Content-Type': 'application/x-ndjson' });

/** Who may do what: every operation of every service, by its OpenAPI document. */
export const TABLE: Partial<Record<ServiceKey, Record<string, Row | Row[]>>> = {
  order: {
    'POST /api/orders': json('anyone', () => ({ item_id: 'ps5', quantity: 1 }), {
      headers: () => ({ 'Idempotency-Key': randomUUID() }),
    }),
    'GET /api/orders': [{ rule: 'lister' }, { rule: 'user', url: () => '/api/orders?mine=true' }],
    'GET /api/orders/{id}': owned('/api/orders/{id}'),
    'GET /api/orders/{id}/events': owned('/api/orders/{id}/events'),
    'POST /api/orders/{id}/cancel': owned('/api/orders/{id}/cancel'),
    'GET /api/orders/stream': { rule: 'lister' },
    'GET /api/integrity': { rule: 'insider' },
    'GET /api/queue': { rule: 'insider' },
    'POST /api/queue/redrive': json('operator', () => ({ all: true })),
    'POST /api/queue/{order_id}/redrive': {
      rule: 'operator',
      url: ({ guestsOrder }) => `/api/queue/${guestsOrder}/redrive`,
      passes: 409,
    },
  },
  inventory: {
    'GET /api/inventory': { rule: 'anyone' },
    'POST /api/inventory': json('operator', () => ({
      item_id: 'kite',
      item_name: 'Kite',
      quantity: 1,
      price_cents: 1,
    })),
    'GET /api/inventory/{item_id}': { rule: 'anyone', ...item() },
    'PATCH /api/inventory/{item_id}': json('operator', () => ({ price_cents: 5 }), item()),
    'POST /api/inventory/{item_id}/restock': json(
      'operator',
      () => ({ restock_id: randomUUID(), quantity: 1 }),
      item('/restock'),
    ),
    'GET /api/inventory/ledger': { rule: 'insider' },
    'GET /api/decisions/{order_id}': {
      rule: 'insider',
      url: ({ guestsOrder }) => `/api/decisions/${guestsOrder}`,
    },
    'POST /api/inventory/deduct': json('service', () => ({
      order_id: randomUUID(),
      items: [{ item_id: 'ps5', quantity: 1 }],
    })),
    'POST /api/inventory/release': json('service', () => ({ order_id: randomUUID() })),
    'POST /api/inventory/commands': json(
      'service',
      () => command({ op: 'deduct', items: [{ item_id: 'ps5', quantity: 1 }] }),
      { headers: ndjson },
    ),
    'POST /api/inventory/forget': json('service', () => ({ orders_before: '00000000-0001-0000-0000-000000000000' })),
    'GET /api/admin/chaos': { rule: 'operator' },
    'POST /api/admin/chaos': json('operator', () => ({ latency: true, latency_ms: 0 })),
    'DELETE /api/admin/chaos': { rule: 'operator' },
    'GET /api/admin/chaos/faults': { rule: 'operator' },
    'POST /api/admin/chaos/faults': json('operator', () => ({
      service: 'inventory-service',
      point: 'inbound',
      type: 'error',
      match: { item_id: 'nothing' },
    })),
    'GET /api/admin/chaos/faults/{id}': { rule: 'operator', ...fault },
    'DELETE /api/admin/chaos/faults/{id}': { rule: 'operator', ...fault },
    'POST /api/admin/chaos/halt': json('operator', () => ({ reason: 'table' })),
    'POST /api/admin/chaos/rearm': json('operator', () => ({ reason: 'table' })),
    'GET /api/admin/chaos/audit': { rule: 'operator' },
    'GET /api/admin/chaos/failpoints': { rule: 'operator' },
  },
  payment: {
    'POST /api/payments/commands': json(
      'service',
      () => command({ op: 'charge', amount_cents: 100, currency: 'EUR', token: 'tok_ok' }),
      { headers: ndjson },
    ),
    'POST /api/payments/webhooks': json('signature', () => ({})),
    'POST /api/payments/forget': json('service', () => ({ orders_before: '00000000-0001-0000-0000-000000000000' })),
    'GET /api/payments': { rule: 'insider' },
    'GET /api/payments/open': { rule: 'insider' },
    'GET /api/payments/reconciliation': { rule: 'insider' },
    'POST /api/payments/reconcile': { rule: 'operator' },
    'POST /api/payments/{order_id}/adopt': json('operator', () => ({ reason: 'table' }), {
      url: ({ guestsOrder }) => `/api/payments/${guestsOrder}/adopt`,
      passes: 409,
    }),
    'GET /api/payments/{order_id}': {
      rule: 'insider',
      url: ({ guestsOrder }) => `/api/payments/${guestsOrder}`,
      passes: 404,
    },
  },
  provider: {
    'POST /api/charges': json('service', () => ({
      reference: randomUUID(),
      amount: 100,
      currency: 'EUR',
      source: 'tok_ok',
    })),
    'GET /api/charges/{reference}': { rule: 'insider', url: () => '/api/charges/none', passes: 404 },
    'POST /api/charges/{reference}/refund': { rule: 'service', url: () => `/api/charges/${randomUUID()}/refund` },
    'GET /api/books': { rule: 'insider' },
  },
  identity: {
    'POST /api/identity/sign-up': json('anyone', () => ({ ...ACCOUNT, email: `${randomUUID()}@example.org` })),
    'POST /api/identity/sign-in': json('anyone', () => ACCOUNT),
    'POST /api/identity/refresh': json('anyone', ({ refreshToken }) => ({ refresh_token: refreshToken })),
    'POST /api/identity/sign-out': json('anyone', () => ({ refresh_token: 'none' })),
    // A wrong password: the user passes, and is refused for that.
    'POST /api/identity/password': json('user', () => ({ current_password: 'wrong', new_password: ACCOUNT.password }), {
      passes: 401,
    }),
    'GET /api/me': { rule: 'user' },
    'GET /.well-known/jwks.json': { rule: 'anyone' },
    'POST /api/identity/bootstrap': json('machine', () => ACCOUNT, { passes: 409 }),
    'POST /api/identity/operator-sign-ins': json('machine', () => ({ with: 'link' })),
    'GET /api/identity/users': { rule: 'operator' },
    'POST /api/identity/users': json('operator', () => ({ ...ACCOUNT, email: `${randomUUID()}@example.org` })),
    'PATCH /api/identity/users/{user_id}': json('operator', () => ({ roles: ['customer'] }), {
      url: () => `/api/identity/users/${USER_IDS.other}`,
    }),
  },
};
