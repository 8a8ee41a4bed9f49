import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createConfig, lintFromString } from '@redocly/openapi-core';
import { expect, it } from 'vitest';
import { openApiDocuments } from '../scripts/openapi-documents.ts';

it.each(Object.values(openApiDocuments))(
  'the OpenAPI document of $name keeps the recommended rules of redocly, each as an error',
  async ({ document }) => {
    const config = await createConfig({ extends: ['recommended-strict'] });
    const problems = await lintFromString({ source: JSON.stringify(document), config });
    expect(problems.map(({ ruleId, message, location }) => `${ruleId}: ${message} ${location[0]?.pointer}`)).toEqual(
      [],
    );
  },
);

it('the documents name only paths that a service, the laboratory or the dashboard has', () => {
  const documents = Object.values(openApiDocuments).map(({ document }) => document as { paths: object });
  const paths = documents.flatMap(({ paths }) => Object.keys(paths));
  const served = paths.map((path) => new RegExp(`^${path.replaceAll('.', '\\.').replace(/\{\w+\}/g, '[^/]+')}$`));
  const root = join(import.meta.dirname, '..');
  const files = ['README.md', ...readdirSync(join(root, 'docs')).map((name) => `docs/${name}`)];
  const named = files
    .filter((file) => file.endsWith('.md'))
    .flatMap((file) => [
      ...readFileSync(join(root, file), 'utf8').matchAll(/(?<!reference|\.com)\/api\/[\w/:{}<>$-]*[\w}>]/g),
    ])
    .map(([path]) => path);
  expect(named.length).toBeGreaterThan(50);
  // The dashboard's own paths, and the part that the control of chaos has in common.
  const others = /^\/api\/(session\/.*|live|admin)$/;
  expect(named.filter((path) => !others.test(path) && !served.some((one) => one.test(path)))).toEqual([]);
});
