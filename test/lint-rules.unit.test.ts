import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const root = join(import.meta.dirname, '..');

/** A file that breaks a rule, and what the linter must say of it. */
const BROKEN: readonly [file: string, code: string, message: string][] = [
  ['order-service/src/order.ts', "import pg from 'pg';\nexport const it = pg;", 'The domain imports nothing but types'],
  [
    'inventory-service/src/decide.ts',
    "import { x } from './x.ts';\nexport const it = x;",
    'The domain imports nothing',
  ],
  [
    'order-service/src/a.ts',
    "export * from '../../inventory-service/src/decide.ts';",
    'Services never import each other',
  ],
  [
    'payment-service/src/routes.ts',
    "export * from '../../order-service/src/order.ts';",
    'Services never import each other',
  ],
  ['order-service/src/routes.ts', "export * from './order-store.ts';", 'Routes call use cases'],
  ['packages/contracts/src/a.ts', "export * from 'express';", 'The contracts import zod'],
  ['packages/service-kit/src/a.ts', "export * from '../../../order-service/src/order.ts';", 'The kit knows no service'],
  ['order-service/src/b.ts', 'export const sql = `SELECT 1 FROM orders`;', 'SQL belongs in a *-store.ts file'],
  ['order-service/src/c.ts', 'export const url = process.env.ORDER_URL;', 'process.env'],
  ['order-service/src/d.ts', 'export const wait = (limit_ms: number) => limit_ms;', 'timeoutMs'],
  ['order-service/src/e.ts', 'export const limit = 60;', 'in capitals'],
  [
    'packages/service-kit/src/b.ts',
    'export const f = (x: { done?: () => void }) => { x.done = () => {}; };',
    'V8 keeps',
  ],
];

describe('the linter', () => {
  const folder = mkdtempSync(join(tmpdir(), 'valerix-lint-'));
  let said: string;

  beforeAll(() => {
    for (const path of ['biome.json', 'lint']) cpSync(join(root, path), join(folder, path), { recursive: true });
    for (const [file, code] of BROKEN) {
      mkdirSync(dirname(join(folder, file)), { recursive: true });
      writeFileSync(join(folder, file), `${code}\n`);
    }
    const biome = join(root, 'node_modules/.bin/biome');
    const args = ['lint', '--vcs-enabled=false', '--max-diagnostics=200', '--colors=off', '.'];
    const { stdout, stderr } = spawnSync(biome, args, { cwd: folder, encoding: 'utf8' });
    said = stdout + stderr;
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  // Of two overrides that fit a file, Biome takes the last: a rule can be lost without a word.
  it.each(BROKEN)('refuses %s: %s', (file, _code, message) => {
    const about = said.split(/^(?=\S+\.ts:\d+)/m).filter((part) => part.startsWith(`${file}:`));
    expect(about.join('\n'), said).toContain(message);
  });
});
