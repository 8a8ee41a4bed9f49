import { expect, it } from 'vitest';
import { z } from 'zod';
import { count, httpUrl, parseEnv, port, postgresUrl, requireTokenInProduction, serviceEnv } from '../src/env.ts';

it('every problem of the environment is reported at once, each with the name of its variable', () => {
  const schema = z.object({ PORT: port, DATABASE_URL: postgresUrl, INVENTORY_URL: httpUrl, MAX: count.default(3) });
  const broken = () => parseEnv(schema, { PORT: 'eighty', INVENTORY_URL: 'ftp://x', MAX: '0' });
  expect(broken).toThrow(/PORT: must be a whole number from 0 to 65535, not "eighty"/);
  expect(broken).toThrow(/DATABASE_URL: is required/);
  expect(broken).toThrow(/INVENTORY_URL: must be a URL starting with http/);
  expect(broken).toThrow(/MAX/);
});

it('an empty variable counts as absent', () => {
  expect(parseEnv(z.object({ PORT: port.default(3001) }), { PORT: '' })).toEqual({ PORT: 3001 });
});

it('production does not start without an operator token, and no token is the default', () => {
  const schema = z.object(serviceEnv).superRefine(requireTokenInProduction);
  const env = { DATABASE_URL: 'postgres://h/db', REDIS_URL: 'redis://h' };
  expect(parseEnv(schema, env).OPERATOR_TOKEN).toBeUndefined();
  expect(() => parseEnv(schema, { ...env, NODE_ENV: 'production' })).toThrow(
    /OPERATOR_TOKEN: is required in production/,
  );
  expect(() => parseEnv(schema, { ...env, OPERATOR_TOKEN: 'short' })).toThrow(/at least 16/);
});
