import type {
  AccountBody,
  ChangeUserBody,
  CreateUserBody,
  ListUsersQuery,
  OperatorSignInBody,
  User,
} from '@valerix/contracts';
import type { Actor } from '@valerix/service-kit/identity/principal';
import { validate as isUuid, v7 as uuidv7 } from 'uuid';
import { problem } from './errors.ts';
import type { Passwords } from './passwords.ts';
import { userOf } from './sessions.ts';
import type { UserRow, UserStore } from './user-store.ts';

export interface ManageUsersDeps {
  users: UserStore;
  passwords: Passwords;
}

export type ManageUsers = ReturnType<typeof createManageUsers>;

/** What operators do with users. Each change is audited. */
export function createManageUsers({ users, passwords }: ManageUsersDeps) {
  const hash = (password: string) => passwords.hash(password, { account: 'operators', address: '' });
  const taken = () =>
    problem('EMAIL_TAKEN', 'This email has an account already.', {
      errors: [{ field: 'email', message: 'has an account already' }],
    });

  return {
    /** A user with its present roles. @throws UNAUTHORIZED when there is none any more, or it is disabled */
    async signedIn(userId: string): Promise<UserRow> {
      // The subject of an OpenID provider's token need not be a UUID.
      const row = isUuid(userId) ? await users.byId(userId) : undefined;
      if (!row || row.disabled_at !== null) throw problem('UNAUTHORIZED', 'This account is disabled, or gone.');
      return row;
    },

    async list(query: ListUsersQuery): Promise<{ items: User[]; next_cursor: string | null }> {
      const rows = await users.list({ ...query, limit: query.limit + 1 });
      const items = rows.slice(0, query.limit).map(userOf);
      return { items, next_cursor: rows.length > query.limit ? (items.at(-1)?.user_id ?? null) : null };
    },

    /** @throws EMAIL_TAKEN */
    async create({ email, password, roles, reason }: CreateUserBody, actor: Actor): Promise<User> {
      const user = { user_id: uuidv7(), email, roles, ...(await hash(password)) };
      const row = await users.create(user, { ...actor, why: reason });
      if (!row) throw taken();
      return userOf(row);
    },

    /** @throws NOT_FOUND, LAST_OPERATOR */
    async change(userId: string, { reason, ...change }: ChangeUserBody, actor: Actor): Promise<User> {
      const row = await users.change(userId, change, { ...actor, why: reason });
      if (!row) throw problem('NOT_FOUND', `There is no user ${userId}.`);
      if (row === 'last') throw problem('LAST_OPERATOR', 'Nobody else is an operator.');
      return userOf(row);
    },

    /** Audits that somebody signed in at the dashboard as an operator without an account. */
    noteSignIn: ({ with: means }: OperatorSignInBody, address: string, actor: Actor): Promise<void> =>
      users.auditSignIn({ with: means, address }, { ...actor, why: 'signed in without an account' }),

    /** Makes the first operator. @throws OPERATOR_EXISTS, EMAIL_TAKEN */
    async bootstrap({ email, password }: AccountBody, actor: Actor): Promise<User> {
      const refused = () => problem('OPERATOR_EXISTS', 'There is an operator already: sign in as one.');
      if (await users.hasOperator()) throw refused();
      const user = {
        user_id: uuidv7(),
        email,
        roles: ['customer' as const, 'operator' as const],
        ...(await hash(password)),
      };
      const row = await users.createFirstOperator(user, { ...actor, why: 'the first operator' });
      if (!row) throw refused();
      if (row === 'taken') throw taken();
      return userOf(row);
    },
  };
}
