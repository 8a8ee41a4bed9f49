import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseEnv } from 'node:util';
import { expect, it, onTestFinished } from 'vitest';
import { overlays, writeSecrets } from '../src/write-secrets.ts';
import { root } from './render.ts';

const paths = ['.env', ...overlays.map((name) => `k8s/overlays/${name}/secrets/order-service.env`)];

it('each installation gets passwords of its own, readable by their owner alone', () => {
  const folder = emptyFolder();
  writeSecrets(folder);
  const tokens = paths.map((path) => /OPERATOR_TOKEN=(\S{32})\n/.exec(readFileSync(join(folder, path), 'utf8'))?.[1]);
  expect(new Set(tokens).size).toBe(paths.length);
  expect(tokens).not.toContain(undefined);
  for (const path of paths) expect(statSync(join(folder, path)).mode & 0o077).toBe(0);
});

it('what is there stays', () => {
  const folder = emptyFolder();
  writeSecrets(folder);
  const before = paths.map((path) => readFileSync(join(folder, path), 'utf8'));
  expect(writeSecrets(folder).every((line) => line.endsWith('kept as it is'))).toBe(true);
  expect(paths.map((path) => readFileSync(join(folder, path), 'utf8'))).toEqual(before);
});

it('half an installation is not completed with passwords that do not fit', () => {
  const folder = emptyFolder();
  writeSecrets(folder);
  rmSync(join(folder, paths[1] as string));
  expect(() => writeSecrets(folder)).toThrow('order-service.env missing');
});

it('a new service gets its passwords in an installation that is older, which keeps all others', () => {
  const folder = emptyFolder();
  writeSecrets(folder);
  const env = readFileSync(join(folder, '.env'), 'utf8');
  const others = env.replace(/^INVENTORY_DB_PASSWORD=.*\n/m, '').trimEnd();
  writeFileSync(join(folder, '.env'), others);
  const secrets = join(folder, 'k8s/overlays/kind/secrets');
  for (const name of ['inventory-service', 'inventory-db']) rmSync(join(secrets, `${name}.env`));

  expect(writeSecrets(folder)).toEqual([
    '.env: INVENTORY_DB_PASSWORD added',
    'k8s/overlays/kind/secrets: inventory-db, inventory-service added',
    'k8s/overlays/doks/secrets: kept as it is',
  ]);
  expect(readFileSync(join(folder, '.env'), 'utf8')).toMatch(
    new RegExp(`^${others}\\nINVENTORY_DB_PASSWORD=[\\w-]{32}\\n$`),
  );
  const read = (name: string) => parseEnv(readFileSync(join(secrets, `${name}.env`), 'utf8'));
  const [order, inventory] = [read('order-service'), read('inventory-service')];
  expect(inventory.DATABASE_URL).toContain(`:${read('inventory-db').password}@`);
  expect([inventory.REDIS_URL, inventory.OPERATOR_TOKEN]).toEqual([order.REDIS_URL, order.OPERATOR_TOKEN]);
});

it('an installation of an older version gets the secrets that it lacks, the same one at both ends of an edge', () => {
  const folder = emptyFolder();
  writeSecrets(folder);
  const secrets = join(folder, 'k8s/overlays/kind/secrets');
  const before = ['order-service', 'inventory-service'].map((name) => {
    const file = join(secrets, `${name}.env`);
    const older = readFileSync(file, 'utf8').replace(/^ORDER_TO_.*\n/gm, '');
    writeFileSync(file, older);
    return older;
  });

  expect(writeSecrets(folder)[1]).toBe(
    'k8s/overlays/kind/secrets: inventory-service completed, order-service completed',
  );
  const after = ['order-service', 'inventory-service'].map((name) =>
    readFileSync(join(secrets, `${name}.env`), 'utf8'),
  );
  expect(after.map((text, n) => text.startsWith(before[n] as string))).toEqual([true, true]);
  const [order, inventory] = after.map((text) => parseEnv(text).ORDER_TO_INVENTORY_CREDENTIAL);
  expect(order).toMatch(/^[\w-]{32}$/);
  expect(inventory).toBe(order);
  expect(writeSecrets(folder)[1]).toBe('k8s/overlays/kind/secrets: kept as it is');
});

it.each(['a$b', 'a#b', '"a b"', "a'b"])('a password that compose would change is refused: %s', (password) => {
  const folder = emptyFolder();
  writeFileSync(join(folder, '.env'), `ORDER_DB_PASSWORD=${password}\n`);
  expect(() => writeSecrets(folder)).toThrow('put the value of ORDER_DB_PASSWORD into single quotes');
});

it('a password in single quotes may hold what it likes', () => {
  const folder = emptyFolder();
  writeFileSync(join(folder, '.env'), "ORDER_DB_PASSWORD='@ / # % $'\n");
  expect(writeSecrets(folder)[0]).toMatch(/ added$/);
});

it('git ignores every file that is written', () => {
  for (const path of paths) {
    expect(execFileSync('git', ['check-ignore', path], { cwd: root, encoding: 'utf8' }).trim()).toBe(path);
  }
});

function emptyFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'valerix-secrets-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}
