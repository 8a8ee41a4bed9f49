import { globSync, readFileSync } from 'node:fs';
import { basename, resolve } from 'node:path';
import { SERVICE_NAMES } from '@valerix/system';
import { describe, expect, it } from 'vitest';

const root = resolve(import.meta.dirname, '..');
/** The last files from before these rules. */
const OLD: Record<string, string> = {
  'order-service': '0006',
  'inventory-service': '0004',
  'packages/service-kit': '0001',
};
const folders = [...SERVICE_NAMES, 'packages/service-kit'];

const files = folders.flatMap((folder) =>
  globSync(`${folder}/migrations/*.sql`, { cwd: root }).filter(
    (path) => path > `${folder}/migrations/${OLD[folder] ?? '0000'}_~`,
  ),
);

describe('a migration that orders do not wait for', () => {
  it.each(files)('%s', (path) => expect(faultsOf(readFileSync(resolve(root, path), 'utf8'))).toEqual([]));

  it.each([
    ['renames nothing', 'ALTER TABLE orders RENAME COLUMN id TO order_id;'],
    ['builds an index on a table that exists concurrently', 'CREATE INDEX some ON orders (id);'],
    ['has one statement without a transaction', '-- no transaction\nSELECT 1; SELECT 2;'],
    ['keeps CONCURRENTLY out of a transaction', 'CREATE INDEX CONCURRENTLY IF NOT EXISTS some ON orders (id);'],
    ['can be run again', '-- no transaction\nCREATE INDEX CONCURRENTLY some ON orders (id);'],
    ['changes no rows under the lock of ALTER TABLE', 'ALTER TABLE orders ADD a int; UPDATE orders SET a = 1;'],
  ])('%s', (fault, sql) => expect(faultsOf(sql)).toEqual([fault]));

  it.each([
    'CREATE TABLE new (id int); CREATE INDEX ON new (id); ALTER TABLE new ADD CHECK (id > 0); INSERT INTO new VALUES (1);',
    '-- no transaction\n-- For the sweep; see above.\nCREATE INDEX CONCURRENTLY IF NOT EXISTS some ON orders (id);',
    'ALTER TABLE orders ADD COLUMN note text;',
  ])('may be: %s', (sql) => expect(faultsOf(sql)).toEqual([]));
});

it.each([...folders.map((folder) => `${folder}/migrations/*.sql`), 'docs/adr/*.md'])(
  'no two files share a number: %s',
  (pattern) => {
    const numbers = globSync(pattern, { cwd: root }).map((path) => basename(path).slice(0, 4));
    expect(numbers.length).toBeGreaterThan(0);
    expect(numbers.filter((number, at) => numbers.indexOf(number) < at)).toEqual([]);
  },
);

/** The rules of CONTRIBUTING.md that a file breaks. */
function faultsOf(sql: string): string[] {
  const statements = sql
    .replaceAll(/--.*$/gm, '')
    .replaceAll(/\$(\w*)\$.*?\$\1\$/gs, "''")
    .split(';')
    .map((statement) => statement.trim())
    .filter(Boolean);
  const all = statements.join(';\n');
  const isNew = (table: string) => new RegExp(`CREATE TABLE (IF NOT EXISTS )?${table}\\b`, 'i').test(all);
  const onOld = (pattern: RegExp) => [...all.matchAll(pattern)].some(([, table]) => !isNew(table as string));
  const transactional = !sql.startsWith('-- no transaction\n');
  const concurrent = /\bCONCURRENTLY\b/i.test(all);
  const faults = {
    'renames nothing': /\bRENAME\b/i.test(all),
    'builds an index on a table that exists concurrently': onOld(
      /CREATE (?:UNIQUE )?INDEX (?!CONCURRENTLY)(?:IF NOT EXISTS )?(?:\w+ )?ON (\w+)/gi,
    ),
    'has one statement without a transaction': !transactional && statements.length !== 1,
    'keeps CONCURRENTLY out of a transaction': transactional && concurrent,
    'can be run again': /CREATE (UNIQUE )?INDEX CONCURRENTLY (?!IF NOT EXISTS)/i.test(all),
    'changes no rows under the lock of ALTER TABLE': onOld(/ALTER TABLE (\w+)/gi) && onOld(/\bUPDATE (\w+)/gi),
  };
  return Object.entries(faults).flatMap(([fault, found]) => (found ? [fault] : []));
}
