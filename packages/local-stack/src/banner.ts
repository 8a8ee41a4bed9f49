import { randomUUID } from 'node:crypto';
import { relative } from 'node:path';
import type { LocalConfig } from './config.ts';
import type { Stack } from './stack.ts';

/** What is where, and what to try first. */
export function banner(stack: Stack, config: LocalConfig, seconds: number): string {
  const { env, urls } = stack;
  const rows = [
    ...(urls.dashboard.length > 0 ? [`  dashboard    ${env.DASHBOARD_URL}`] : []),
    `  orders       ${env.ORDER_URL}   (API: ${env.ORDER_URL}/docs)`,
    `  inventory    ${env.INVENTORY_URL}   (API: ${env.INVENTORY_URL}/docs)`,
    ...(env.LABORATORY_URL
      ? [`  laboratory   ${env.LABORATORY_URL}   (game days; API: ${env.LABORATORY_URL}/docs)`]
      : []),
    `  PostgreSQL   ${hostOf(env.ORDER_DATABASE_URL)}   databases order_db, inventory_db`,
    `  Redis        ${hostOf(env.REDIS_URL)}`,
  ];
  return [
    '',
    `Valerix is up (${seconds.toFixed(1)} s).`,
    '',
    ...rows,
    ...stack.skipped.map((line) => `  ${line}`),
    '',
    'Try:',
    `  curl -s ${env.INVENTORY_URL}/api/inventory/ps5`,
    `  curl -s -X POST ${env.ORDER_URL}/api/orders \\`,
    `    -H 'Content-Type: application/json' -H 'Idempotency-Key: ${randomUUID()}' \\`,
    `    -d '{"item_id":"ps5","quantity":2}'          # send it twice: one order, the same answer`,
    '  make status    make logs NAME=order-service    make stop',
    '',
    `Addresses and the operator's token are in ${pathFromHere(config.home)}/env, logs in ${pathFromHere(config.home)}/logs.`,
    config.verbose
      ? 'Every log line is shown here.'
      : 'Only warnings and errors of the services are shown here; VALERIX_VERBOSE=1 shows every line.',
    'Ctrl-C stops everything.',
    '',
  ].join('\n');
}

const hostOf = (url: string): string => new URL(url).host;

function pathFromHere(path: string): string {
  const short = relative(process.cwd(), path);
  return short && !short.startsWith('..') ? short : path;
}
