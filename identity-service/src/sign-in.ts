import type { AccountBody, SignInBody, Tokens } from '@valerix/contracts';
import type { Actor } from '@valerix/service-kit/identity/principal';
import { v7 as uuidv7 } from 'uuid';
import { problem } from './errors.ts';
import type { Failures } from './failures.ts';
import type { Metrics } from './metrics.ts';
import type { Passwords } from './passwords.ts';
import type { Sessions } from './sessions.ts';
import { emailKey, type UserRow, type UserStore } from './user-store.ts';

export interface SignInDeps {
  users: UserStore;
  sessions: Sessions;
  passwords: Passwords;
  failures: Failures;
  metrics: Pick<Metrics, 'signIns' | 'signUps'>;
}

/** The user who changes a password, and the address of the request. */
interface Asking {
  address: string;
  actor: Actor;
}

export type SignIn = ReturnType<typeof createSignIn>;

/** Sign-up, sign-in and the change of a password. Neither an answer nor its delay tells whether an email has an account. */
export function createSignIn({ users, sessions, passwords, failures, metrics }: SignInDeps) {
  /** The user with this password; any other pair of email and password is refused alike. @throws SIGN_IN_FAILED */
  async function identify({ email, password }: SignInBody, address: string): Promise<UserRow> {
    const startedAt = performance.now();
    const account = emailKey(email);
    const found = await users.byEmail(email);
    const { right, renew } = await passwords.check(password, found, { account, address });
    if (found && right && found.disabled_at === null) {
      failures.forgive(account);
      if (!renew) return found;
      const kept = await passwords.hash(password, { account, address });
      // Otherwise another sign-in renewed it, or the owner changed it: look again.
      return (await users.keepPassword(found, kept)) ? { ...found, ...kept } : identify({ email, password }, address);
    }
    metrics.signIns.inc({ outcome: 'failed' });
    await failures.refuse([account, `from ${address}`], startedAt);
    throw problem('SIGN_IN_FAILED', 'Email or password is wrong.');
  }

  return {
    /** Adds a customer, unless the email has an account. The caller does not learn which: the next step is to sign in. */
    async signUp({ email, password }: AccountBody, address: string): Promise<void> {
      const kept = await passwords.hash(password, { address });
      await users.add({ user_id: uuidv7(), email, roles: ['customer'], ...kept });
      metrics.signUps.inc();
    },

    async signIn(body: SignInBody, address: string): Promise<Tokens> {
      const found = await identify(body, address);
      const tokens = await sessions.start(found);
      metrics.signIns.inc({ outcome: 'succeeded' });
      return tokens;
    },

    /** Changes the password of a user who knows the old one, and ends every other session. @throws SIGN_IN_FAILED */
    async changePassword(user: UserRow, former: string, password: string, from: Asking): Promise<Tokens> {
      const { address, actor } = from;
      const found = await identify({ email: user.email, password: former }, address);
      const account = emailKey(user.email);
      const kept = await passwords.hash(password, { account, address });
      if (!(await users.changePassword(found, kept, { ...actor, why: 'changed by the user' })))
        throw problem('SIGN_IN_FAILED', 'The password was changed meanwhile.');
      return sessions.start({ ...found, ...kept }, { alone: true });
    },
  };
}
