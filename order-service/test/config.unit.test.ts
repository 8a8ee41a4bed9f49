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

it('refuses a lease in which an order cannot wait for all of its calls', () => {
  // A paid order asks the inventory service twice: to reserve, and to commit.
  expect(() => readConfig({ ...needed, ...paid, LEASE_MS: '3600' })).toThrow(
    /LEASE_MS: must be longer than 3600 ms: INVENTORY_DEADLINE_MS and, for a paid order, /,
  );
  expect(readConfig({ ...needed, ...paid, LEASE_MS: '3601' }).LEASE_MS).toBe(3_601);
  expect(readConfig({ ...needed, LEASE_MS: '801' }).LEASE_MS).toBe(801);
  expect(() => readConfig({ ...needed, LEASE_MS: '800' })).toThrow(/LEASE_MS: must be longer than 800 ms:/);
});

it('refuses a percentage at which the breaker could never open', () => {
  expect(readConfig({ ...needed, BREAKER_ERROR_PERCENTAGE: '99' }).BREAKER_ERROR_PERCENTAGE).toBe(99);
  expect(() => readConfig({ ...needed, BREAKER_ERROR_PERCENTAGE: '100' })).toThrow(
    /BREAKER_ERROR_PERCENTAGE: must be a whole number from 1 to 99/,
  );
});
