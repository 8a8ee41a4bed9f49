import { expect, it } from 'vitest';
import { createPasswords } from '../src/passwords.ts';
import { openSecret } from '../src/secret.ts';

const PASSWORD = 'a horse and a battery';

it('the right password is let in beside a crowd of sign-ups, each from an address of its own', async () => {
  const passwords = createPasswords({ secret: openSecret('a secret of this test'), hashesAtOnce: 1 });
  const kept = await passwords.hash(PASSWORD, { address: '192.0.2.1' });
  // They go on after the test, which need not pay for them.
  for (let n = 0; n < 80; n++) passwords.hash(PASSWORD, { address: `crowd ${n}` }).catch(() => {});
  const found = await passwords.check(PASSWORD, kept, { account: 'owner@example.org', address: '192.0.2.1' });
  expect(found).toEqual({ right: true, renew: false });
});
