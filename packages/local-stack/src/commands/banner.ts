import { randomUUID } from 'node:crypto';
import { relative } from 'node:path';
import {
  COMPANION_KEYS,
  COMPANIONS,
  databaseUrlVariable,
  declaration,
  SERVICE_KEYS,
  SERVICES,
  urlVariable,
} from '@valerix/system';
import type { LocalConfig } from '../config.ts';
import type { Stack } from '../stack/stack.ts';

/** The text shown once the stack is up: addresses, and commands to try first. */
export function banner(stack: Stack, config: LocalConfig, seconds: number): string {
  const { env } = stack;
  const declared = { ...COMPANIONS, ...SERVICES };
  const hosts = new Set(SERVICE_KEYS.map((key) => hostOf(env[databaseUrlVariable(key)])));
  const rows = [
    ...[...COMPANION_KEYS, ...SERVICE_KEYS.toReversed()].flatMap((key) => {
      const url = env[urlVariable(key)];
      return url ? [`  ${key.padEnd(12)} ${url}   ${declared[key].purpose}`] : [];
    }),
    `  PostgreSQL   ${[...hosts].join(', ')}   databases ${SERVICE_KEYS.map((key) => declaration(key).database).join(', ')}`,
    `  Redis        ${hostOf(env.REDIS_URL)}`,
  ];
  return [
    '',
    `Valerix is up (${seconds.toFixed(1)} s).`,
    '',
    ...rows,
    ...stack.skipped.map((line) => `  ${line}`),
    '  Each service describes its API at /docs.',
    '',
    'Try:',
    `  curl -s ${env.INVENTORY_URL}/api/inventory/ps5`,
    `  curl -s -X POST ${env.ORDER_URL}/api/orders \\`,
    `    -H 'Content-Type: application/json' -H 'Idempotency-Key: ${randomUUID()}' \\`,
    `    -d '{"item_id":"ps5","quantity":2}'          # send it twice: one order, the same answer`,
    `  make status    make logs NAME=${SERVICES.order.name}    make stop`,
    '',
    `Addresses and the operator token are in ${pathFromHere(config.home)}/env, logs in ${pathFromHere(config.home)}/logs.`,
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
