import { expect, it } from 'vitest';
import { readConfig } from '../src/config.ts';

const needed = {
  DATABASE_URL: 'postgres://order@127.0.0.1/order_db',
  REDIS_URL: 'redis://127.0.0.1:6379',
  INVENTORY_URL: 'http://127.0.0.1:3002',
  ORDER_TO_INVENTORY_CREDENTIAL: 'x'.repeat(32),
  INVENTORY_DEADLINE_MS: '800',
};
const paid = { PAYMENT_URL: 'http://127.0.0.1:3005', PAYMENT_DEADLINE_MS: '2000' };

it('refuses a lease in which a paid order cannot wait for both participants', () => {
  expect(() => readConfig({ ...needed, ...paid, LEASE_MS: '2800' })).toThrow(
    /LEASE_MS: must be longer than INVENTORY_DEADLINE_MS and PAYMENT_DEADLINE_MS together/,
  );
  expect(readConfig({ ...needed, ...paid, LEASE_MS: '2801' }).LEASE_MS).toBe(2_801);
  expect(readConfig({ ...needed, LEASE_MS: '801' }).LEASE_MS).toBe(801);
  expect(() => readConfig({ ...needed, LEASE_MS: '800' })).toThrow(
    /LEASE_MS: must be longer than INVENTORY_DEADLINE_MS,/,
  );
});
