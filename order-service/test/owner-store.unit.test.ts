import { EventEmitter } from 'node:events';
import { createLogger } from '@valerix/service-kit/logger';
import type { Pool } from '@valerix/service-kit/postgres';
import { expect, it, vi } from 'vitest';
import { holdOwnership } from '../src/owner-store.ts';

const logger = createLogger({ service: 'test', replica: 'test', level: 'silent' });

it('a stop that comes while the database is being connected to waits for nothing else', async () => {
  const { promise, resolve } = Promise.withResolvers<object>();
  const pool = { connect: () => promise, end: async () => {} } as unknown as Pool;
  const leases = holdOwnership(pool, logger);
  const stopping = leases.stop();
  const release = vi.fn();
  resolve(Object.assign(new EventEmitter(), { query: async () => ({ rows: [{ number: 1 }] }), release }));
  await stopping;
  expect(release).toHaveBeenCalledWith(true);
  expect(leases.owner()).toBeNull();
});
