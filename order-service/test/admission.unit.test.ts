import { expect, it } from 'vitest';
import { READ_ROUTES } from '../src/admission.ts';
import { openApiDocument } from '../src/openapi.ts';

/** What these cost is bounded in another way: by the number of listeners, by one shared count, by no work at all. */
const BOUNDED_OTHERWISE = ['GET /api/orders/stream', 'GET /api/queue', 'GET /api/integrity'];

it('has a place for readers before every path that reads', () => {
  const reading = Object.entries((openApiDocument as { paths: Record<string, object> }).paths)
    .filter(([path, methods]) => 'get' in methods && !path.startsWith('/api/admin'))
    .map(([path]) => `GET ${path.replaceAll(/\{(\w+)\}/g, ':$1')}`);
  expect([...READ_ROUTES, ...BOUNDED_OTHERWISE].sort()).toEqual(reading.sort());
});
