import { expect, it, onTestFinished } from 'vitest';
import { freshPool } from '../../test/support/fresh-pool.ts';
import { createSessionStore } from '../src/session-store.ts';

it('sessions that are too old are deleted some at a time, and others stay', async () => {
  const { pool, drop } = await freshPool('identity_template', 2);
  onTestFinished(drop);
  const store = createSessionStore(pool, { lifetimeMs: 60_000, graceMs: 0 });
  const add = (count: number, age: string) =>
    pool.query(
      `WITH one AS (
         INSERT INTO users (user_id, email, email_key, roles, password_hash) VALUES (uuidv7(), $2::text, $2::text, '{}', '') RETURNING user_id)
       INSERT INTO sessions (session_id, user_id, family_hash, token_hash, expires_at)
       SELECT gen_random_uuid(), user_id, '', '', now() - $2::interval FROM one, generate_series(1, $1)`,
      [count, age],
    );
  await add(5_001, '1 hour');
  await add(3, '-1 hour');
  const left = async () => (await pool.query('SELECT FROM sessions')).rowCount;
  expect([await store.tidy(), await left()]).toEqual([true, 4]);
  expect([await store.tidy(), await left()]).toEqual([false, 3]);
});
