import type { ListUsersQuery, Role } from '@valerix/contracts';
import type { Actor } from '@valerix/service-kit/identity/principal';
import { insertAudit } from '@valerix/service-kit/operator-audit-store';
import { type Client, type Pool, transaction } from '@valerix/service-kit/postgres';
import type { KeptPassword } from './passwords.ts';

/** A row of `users`. */
export interface UserRow extends KeptPassword {
  user_id: string;
  email: string;
  roles: Role[];
  disabled_at: Date | null;
  created_at: Date;
}

export interface NewUser extends KeptPassword {
  user_id: string;
  email: string;
  roles: Role[];
}

/** The audit's part of a change: who makes it, and why. */
export type Audited = Actor & { why: string };

const PUBLIC = 'user_id, email, roles, disabled_at, created_at';
const ALL = `${PUBLIC}, password_hash, password_sieve, sieve_key`;
/** Held by every change of roles, so that two of them cannot leave the system without an operator. Of this database only. */
const ROLES_LOCK = 29_001;

/** The key of an email's account. `Ä@x.org` and `ä@x.org` have the same one, however their letters are composed. */
export const emailKey = (email: string): string => email.normalize('NFC').toLowerCase().normalize('NFC');

export type UserStore = ReturnType<typeof createUserStore>;

/** All SQL of users. */
export function createUserStore(pool: Pool) {
  const one = async (sql: string, values: unknown[]): Promise<UserRow | undefined> =>
    (await pool.query<UserRow>(sql, values)).rows[0];
  return {
    byEmail: (email: string) => one(`SELECT ${ALL} FROM users WHERE email_key = $1`, [emailKey(email)]),
    byId: (userId: string) => one(`SELECT ${ALL} FROM users WHERE user_id = $1`, [userId]),

    /** Adds a customer; does nothing if the address has an account. */
    async add(user: NewUser): Promise<void> {
      await insertUser(pool, user);
    },

    /** Replaces a password that was checked. @returns false if it was changed meanwhile, and stays so */
    keepPassword: (user: UserRow, kept: KeptPassword): Promise<boolean> => replacePassword(pool, user, kept),

    /** Replaces a password as its owner asked, and audits that. @returns as `keepPassword` */
    changePassword: (user: UserRow, kept: KeptPassword, audited: Audited): Promise<boolean> =>
      transaction(pool, async (client) => {
        const { user_id, email } = user;
        const isChanged = await replacePassword(client, user, kept);
        if (isChanged) await insertAudit(client, { ...audited, action: 'change-password', what: { user_id, email } });
        return isChanged;
      }),

    /** Audits a sign-in without an account. */
    async auditSignIn(what: Record<string, unknown>, audited: Audited): Promise<void> {
      await insertAudit(pool, { ...audited, action: 'sign-in', what });
    },

    /** In the order of their ids, which is that of their creation. */
    async list({ cursor, limit, email }: ListUsersQuery): Promise<UserRow[]> {
      const { rows } = await pool.query<UserRow>(
        `SELECT ${PUBLIC} FROM users
         WHERE user_id > $1 AND ($2::text IS NULL OR starts_with(email_key, $2)) ORDER BY user_id LIMIT $3`,
        [cursor ?? '00000000-0000-0000-0000-000000000000', email === undefined ? null : emailKey(email), limit],
      );
      return rows;
    },

    /** Adds a user for an operator; undefined if the address has an account. */
    create: (user: NewUser, audited: Audited): Promise<UserRow | undefined> =>
      transaction(pool, async (client) => {
        const row = await insertUser(client, user);
        const { user_id, email, roles } = user;
        if (row) await insertAudit(client, { ...audited, action: 'create-user', what: { user_id, email, roles } });
        return row;
      }),

    /** Adds the first operator; undefined if there is one already. @returns `taken` if its address has another account */
    createFirstOperator: (user: NewUser, audited: Audited): Promise<UserRow | 'taken' | undefined> =>
      transaction(pool, async (client) => {
        if ((await lockRoles(client)) > 0) return undefined;
        const row = await insertUser(client, user);
        const { user_id, email, roles } = user;
        if (row) await insertAudit(client, { ...audited, action: 'create-user', what: { user_id, email, roles } });
        return row ?? 'taken';
      }),

    hasOperator: async (): Promise<boolean> =>
      (await pool.query(`SELECT FROM users WHERE ${ACTIVE_OPERATOR} LIMIT 1`)).rowCount === 1,

    /** Changes a user, and ends its sessions if it is disabled; undefined if there is none. @returns `last` for the last operator */
    change: (
      userId: string,
      change: { roles?: Role[] | undefined; disabled?: boolean | undefined },
      audited: Audited,
    ): Promise<UserRow | 'last' | undefined> =>
      transaction(pool, async (client) => {
        const operators = await lockRoles(client);
        const { rows } = await client.query<UserRow>(`SELECT ${PUBLIC} FROM users WHERE user_id = $1`, [userId]);
        const [before] = rows;
        if (!before) return undefined;
        const roles = change.roles ?? before.roles;
        const disabled = change.disabled ?? before.disabled_at !== null;
        const isOperator = (row: Pick<UserRow, 'roles'>, isDisabled: boolean) =>
          row.roles.includes('operator') && !isDisabled;
        const wasOperator = isOperator(before, before.disabled_at !== null);
        if (wasOperator && !isOperator({ roles }, disabled) && operators === 1) return 'last';
        const { rows: after } = await client.query<UserRow>(
          `UPDATE users SET roles = $2, disabled_at = CASE WHEN $3 THEN coalesce(disabled_at, now()) END
           WHERE user_id = $1 RETURNING ${PUBLIC}`,
          [userId, roles, disabled],
        );
        if (disabled) await client.query('DELETE FROM sessions WHERE user_id = $1', [userId]);
        const what = { user_id: userId, email: before.email, roles, former_roles: before.roles, disabled };
        await insertAudit(client, { ...audited, action: 'change-user', what });
        return after[0];
      }),
  };
}

const ACTIVE_OPERATOR = `'operator' = ANY (roles) AND disabled_at IS NULL`;

/** @returns the number of operators, which stays the same until the transaction ends */
async function lockRoles(client: Client): Promise<number> {
  await client.query('SELECT pg_advisory_xact_lock($1)', [ROLES_LOCK]);
  const { rows } = await client.query<{ count: number }>(`SELECT count(*) FROM users WHERE ${ACTIVE_OPERATOR}`);
  return rows[0]?.count ?? 0;
}

async function replacePassword(
  client: Client | Pool,
  { user_id, password_hash }: UserRow,
  kept: KeptPassword,
): Promise<boolean> {
  const { rowCount } = await client.query(
    `UPDATE users SET password_hash = $3, password_sieve = $4, sieve_key = $5 WHERE user_id = $1 AND password_hash = $2`,
    [user_id, password_hash, kept.password_hash, kept.password_sieve, kept.sieve_key],
  );
  return rowCount === 1;
}

async function insertUser(client: Client | Pool, user: NewUser): Promise<UserRow | undefined> {
  const { rows } = await client.query<UserRow>(
    `INSERT INTO users (user_id, email, email_key, roles, password_hash, password_sieve, sieve_key)
     VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (email_key) DO NOTHING RETURNING ${PUBLIC}`,
    [
      user.user_id,
      user.email.normalize('NFC'),
      emailKey(user.email),
      user.roles,
      user.password_hash,
      user.password_sieve,
      user.sieve_key,
    ],
  );
  return rows[0];
}
