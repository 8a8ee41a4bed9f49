/** One service of the system. All lists of services in the repository derive from these declarations. */
export interface ServiceDeclaration {
  /** Its folder, its image, its Prometheus job and its host name in compose and Kubernetes. */
  name: string;
  /** Its port unless PORT is set. */
  port: number;
  /** Its own database, which no other service reads. */
  database: string;
  /** The services it calls, by key: they start before it and stop after it. */
  calls: readonly string[];
  /**
   * Set if an installation may do without it: the profile of compose that starts it. In Kubernetes it is a component. Without
   * it, its address is unset.
   */
  optional?: Lowercase<string>;
  /** The services it sends webhooks to, by key: an edge of the network as `calls` is, without an order of starting. */
  notifies?: readonly string[];
  /** The variables with secrets of its own. Services that name the same variable share its value. */
  secrets?: readonly Uppercase<string>[];
  /** What it does, in one line, for documents, images and pages. */
  purpose: string;
}

/**
 * The services of Valerix. To add one, add its entry here, its folder, and its failpoints in `packages/contracts`; then run
 * `npm run generate` for the files that other programs read (compose, Kubernetes, Prometheus).
 */
export const SERVICES = {
  inventory: {
    name: 'inventory-service',
    port: 3002,
    database: 'inventory_db',
    calls: [],
    purpose: 'Owns the stock, and decides once about each order.',
  },
  order: {
    name: 'order-service',
    port: 3001,
    database: 'order_db',
    calls: ['inventory', 'payment'],
    secrets: ['ORDER_TOKEN_SECRET'],
    purpose: 'Takes orders, and neither loses nor doubles one.',
  },
  payment: {
    name: 'payment-service',
    port: 3005,
    database: 'payment_db',
    calls: ['provider'],
    optional: 'payments',
    secrets: ['WEBHOOK_SECRET'],
    purpose: 'Takes money and gives it back, once per order.',
  },
  provider: {
    name: 'provider-simulator',
    port: 3006,
    database: 'provider_db',
    calls: [],
    notifies: ['payment'],
    optional: 'payments',
    secrets: ['WEBHOOK_SECRET'],
    purpose: 'Stands for a payment provider, with books of its own, where no real one is used.',
  },
  identity: {
    name: 'identity-service',
    port: 3004,
    database: 'identity_db',
    calls: [],
    purpose: 'Knows who is who: signs people in and gives them tokens.',
  },
} as const satisfies Record<string, ServiceDeclaration>;

export type ServiceKey = keyof typeof SERVICES;
export type ServiceName = (typeof SERVICES)[ServiceKey]['name'];

/** A process beside the services: it has no database and is on no order's path. */
export interface CompanionDeclaration {
  /** Its name in logs, `make status` and Kubernetes. */
  name: string;
  /** The folder of its code. */
  folder: string;
  port: number;
  purpose: string;
}

export const COMPANIONS = {
  dashboard: { name: 'frontend', folder: 'frontend', port: 3000, purpose: 'The dashboard.' },
  laboratory: {
    name: 'laboratory',
    folder: 'gameday',
    port: 3003,
    purpose: 'Runs game days, each on a system of its own.',
  },
} as const satisfies Record<string, CompanionDeclaration>;

export type CompanionKey = keyof typeof COMPANIONS;
