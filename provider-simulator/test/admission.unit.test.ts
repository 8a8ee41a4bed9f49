import { expect, it } from 'vitest';
import { READ_ROUTES } from '../src/admission.ts';
import { openApiDocument } from '../src/openapi.ts';

it('has a place for readers before every path that reads', () => {
  const reading = Object.entries((openApiDocument as { paths: Record<string, object> }).paths)
    .filter(([path, methods]) => 'get' in methods && !path.startsWith('/api/admin'))
    .map(([path]) => `GET ${path.replaceAll(/\{(\w+)\}/g, ':$1')}`);
  expect([...READ_ROUTES].sort()).toEqual(reading.sort());
});
