import type { Env } from './config.ts';

export type ServiceName = 'inventory-service' | 'order-service' | 'frontend' | 'laboratory';
export type ServiceKey = 'inventory' | 'order' | 'dashboard' | 'laboratory';

/** The addresses and secrets of a running stack, as `.valerix/env` tells them. */
export interface StackEnv {
  ORDER_URL: string;
  INVENTORY_URL: string;
  DASHBOARD_URL: string;
  /** Absent where there is no laboratory. */
  LABORATORY_URL?: string;
  ORDER_DATABASE_URL: string;
  INVENTORY_DATABASE_URL: string;
  REDIS_URL: string;
  OPERATOR_TOKEN: string;
}

export interface ServiceEntry {
  name: ServiceName;
  /** Skipped, with a line saying so, while this file does not exist. */
  needs: string;
  /** Its name in options: ports, replicas, environment. */
  key: ServiceKey;
  /** Where others reach it; given from outside, the service is not started here. */
  url: 'INVENTORY_URL' | 'ORDER_URL' | 'DASHBOARD_URL' | 'LABORATORY_URL';
  /** A script that builds it before it is started; it does nothing when nothing has changed. */
  build?: string;
  /** Its folder, when that has another name. */
  folder?: string;
  /** Run in the service's folder; "node" is the Node.js that runs this. */
  command: readonly string[];
  /** Asked until it answers 200. */
  ready: string;
  database?: { name: string; url: 'INVENTORY_DATABASE_URL' | 'ORDER_DATABASE_URL' };
  /** What it is told beside PORT, HOST and the parent's environment. */
  env: (stack: StackEnv, home: string) => Env;
}

/** The processes of Valerix, in the order in which they are started; they are stopped the other way round. */
export const serviceTable: readonly ServiceEntry[] = [
  {
    name: 'inventory-service',
    needs: 'inventory-service/src/main.ts',
    key: 'inventory',
    url: 'INVENTORY_URL',
    command: ['node', 'src/main.ts'],
    ready: '/readyz',
    database: { name: 'inventory_db', url: 'INVENTORY_DATABASE_URL' },
    env: (stack) => ({
      DATABASE_URL: stack.INVENTORY_DATABASE_URL,
      REDIS_URL: stack.REDIS_URL,
      OPERATOR_TOKEN: stack.OPERATOR_TOKEN,
    }),
  },
  {
    name: 'order-service',
    needs: 'order-service/src/main.ts',
    key: 'order',
    url: 'ORDER_URL',
    command: ['node', 'src/main.ts'],
    ready: '/readyz',
    database: { name: 'order_db', url: 'ORDER_DATABASE_URL' },
    env: (stack) => ({
      DATABASE_URL: stack.ORDER_DATABASE_URL,
      REDIS_URL: stack.REDIS_URL,
      INVENTORY_URL: stack.INVENTORY_URL,
      OPERATOR_TOKEN: stack.OPERATOR_TOKEN,
    }),
  },
  {
    name: 'frontend',
    needs: 'frontend/package.json',
    key: 'dashboard',
    url: 'DASHBOARD_URL',
    build: 'scripts/build.ts',
    command: ['node', 'server.ts'],
    ready: '/readyz',
    env: (stack) => ({
      ORDER_URL: stack.ORDER_URL,
      INVENTORY_URL: stack.INVENTORY_URL,
      DASHBOARD_URL: stack.DASHBOARD_URL,
      LABORATORY_URL: stack.LABORATORY_URL,
      OPERATOR_TOKEN: stack.OPERATOR_TOKEN,
    }),
  },
  {
    name: 'laboratory',
    needs: 'gameday/src/lab/main.ts',
    key: 'laboratory',
    url: 'LABORATORY_URL',
    folder: 'gameday',
    command: ['node', 'src/lab/main.ts'],
    ready: '/readyz',
    // No address of this stack: what it breaks is a stack of its own.
    env: (stack, home) => ({ VALERIX_HOME: home, OPERATOR_TOKEN: stack.OPERATOR_TOKEN }),
  },
];

/** What is stopped together, in this order: who takes requests first, who is asked after. */
export const stopWaves: readonly (readonly ServiceName[])[] = [
  ['frontend', 'order-service', 'laboratory'],
  ['inventory-service'],
];
