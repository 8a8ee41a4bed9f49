import { existsSync, readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { READ_RULES } from '../gameday/src/checker/violation.ts';
import { openApiDocument as inventoryApi } from '../inventory-service/src/openapi.ts';
import { openApiDocument as orderApi } from '../order-service/src/openapi.ts';

const docs = new URL('../docs/', import.meta.url);
const document = readFileSync(new URL('consistency.md', docs), 'utf8');
const rows = document
  .split('\n')
  .filter((line) => line.startsWith('| '))
  .map((line) => line.slice(2, -2).split(' | '));
const endpoints = rows.filter(([request]) => request?.startsWith('`GET '));

type Paths = Record<string, { get?: { description?: string } }>;

it('docs/consistency.md says of every path that is read what OpenAPI says of it', () => {
  const said = [orderApi, inventoryApi].flatMap((api) =>
    Object.entries((api as { paths: Paths }).paths).flatMap(([path, { get }]) =>
      // The control of chaos has a page of its own.
      get && !path.startsWith('/api/admin/') ? [[`\`GET ${path}\``, get.description]] : [],
    ),
  );
  expect(endpoints.map(([request, promise]) => [request, promise]).sort()).toEqual(said.sort());
});

it('every promise is held by a rule of the checker, or by a test that exists', () => {
  for (const [request, , holders = ''] of endpoints) {
    const files = [...holders.matchAll(/\]\((.*?)\)/g)].map(([, file]) => file as string);
    expect(files.length, request).toBeGreaterThan(0);
    expect(files.filter((file) => !existsSync(new URL(file, docs)))).toEqual([]);
  }
  const rules = rows.filter(([name]) => /^R\d$/.test(name ?? '')).map(([name, , promise]) => [name, promise]);
  expect(Object.fromEntries(rules)).toEqual(READ_RULES);
});
