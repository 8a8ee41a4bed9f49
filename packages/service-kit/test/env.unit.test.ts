import { Redis } from 'ioredis';
import pg from 'pg';
import { expect, it } from 'vitest';
import { z } from 'zod';
import {
  count,
  httpUrl,
  parseEnv,
  port,
  postgresUrl,
  redisUrl,
  requireTokenInProduction,
  serviceEnv,
} from '../src/env.ts';

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

const PASSWORDS = ['plain', '@ / # % $ ? : &', 'p%zz', `"'\\\``, 'ü', '%40'];

it.each(PASSWORDS)('a password beside its URL reaches the clients as it is: %s', (password) => {
  const schema = z.object({ DATABASE_URL: postgresUrl, REDIS_URL: redisUrl });
  const { DATABASE_URL, REDIS_URL } = parseEnv(schema, {
    DATABASE_URL: 'postgres://order_service@host:5432/order_db?sslmode=verify-full',
    DATABASE_PASSWORD: password,
    REDIS_URL: 'redis://host:6379',
    REDIS_PASSWORD: password,
  });
  const client = new pg.Client({ connectionString: DATABASE_URL });
  expect([client.user, client.password, client.host, client.database]).toEqual([
    'order_service',
    password,
    'host',
    'order_db',
  ]);
  const redis = new Redis(REDIS_URL, { lazyConnect: true });
  expect([redis.options.password, redis.options.host, redis.options.port]).toEqual([password, 'host', 6379]);
});

it.each(['/', '#', '?', '%', '12/', '12#', '12?'])(
  'a password that breaks its URL is refused with advice: %s',
  (text) => {
    const read = (url: string) => () => parseEnv(z.object({ DATABASE_URL: postgresUrl }), { DATABASE_URL: url });
    expect(read(`postgres://role:${text}word@host:5432/order_db`)).toThrow(/set DATABASE_PASSWORD/);
    expect(read(`postgres://role:${encodeURIComponent(text)}word@host:5432/order_db`)).not.toThrow();
  },
);

it('production does not start without an operator token, and no token is the default', () => {
  const schema = z.object(serviceEnv).superRefine(requireTokenInProduction);
  const env = { DATABASE_URL: 'postgres://h/db', REDIS_URL: 'redis://h' };
  expect(parseEnv(schema, env).OPERATOR_TOKEN).toBeUndefined();
  expect(() => parseEnv(schema, { ...env, NODE_ENV: 'production' })).toThrow(
    /OPERATOR_TOKEN: is required in production/,
  );
  expect(() => parseEnv(schema, { ...env, OPERATOR_TOKEN: 'short' })).toThrow(/at least 16/);
});

it('a secret that no header can carry is refused at the start, such as a file with its line break', () => {
  const env = { DATABASE_URL: 'postgres://h/db', REDIS_URL: 'redis://h' };
  for (const name of ['OPERATOR_TOKEN', 'ORDER_TO_INVENTORY_CREDENTIAL']) {
    for (const secret of ['0123456789abcdef\n', '01234567 89abcdef', '0123456789abcdeü']) {
      expect(() => parseEnv(z.object(serviceEnv), { ...env, [name]: secret })).toThrow(
        `${name}: must be printable ASCII`,
      );
    }
  }
});
