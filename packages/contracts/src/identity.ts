import { z } from 'zod';
import { keptText, writtenText } from './text.ts';

/** The access tokens that identity-service signs and every service verifies. */
export const ACCESS_TOKEN = {
  algorithm: 'EdDSA',
  issuer: 'urn:valerix:identity',
  audience: 'valerix',
  lifetimeSeconds: 900,
} as const;

/** What a person may do. */
export const ROLES = ['customer', 'operator'] as const;
export const role = z.enum(ROLES);
export type Role = z.infer<typeof role>;
const roles = z
  .array(role)
  .max(ROLES.length)
  .refine((given) => new Set(given).size === given.length, 'must not name a role twice');

const MIN_PASSWORD_CHARACTERS = 12;
/** Long enough for a sentence; bounds the work of the hash. */
const MAX_PASSWORD_CHARACTERS = 256;

/** An address as a person writes it; accounts compare it in lower case and NFC. */
export const email = keptText(254).refine(
  (text) => /^[^\s@\p{C}]+@[^\s@\p{C}]+$/u.test(text),
  'must be an email address',
);
/** A password that somebody types to get in: no rule, so that none tells which passwords can be right. */
const givenPassword = writtenText(MAX_PASSWORD_CHARACTERS);
const newPassword = keptText(MAX_PASSWORD_CHARACTERS)
  .min(MIN_PASSWORD_CHARACTERS, `must have at least ${MIN_PASSWORD_CHARACTERS} characters`)
  .refine((text) => new Set(text).size >= 5, 'must have at least 5 different characters');

const account = z.object({ email, password: newPassword });
/** Names of one to three characters occur in any password. */
function isNotEmail({ email: address, password }: z.infer<typeof account>): boolean {
  const [name = ''] = address.toLowerCase().split('@');
  return name.length < 4 || !password.toLowerCase().includes(name);
}
const notTheAddress = { error: 'must not contain the name in the email address', path: ['password'] };

/** The body of `POST /api/identity/sign-up` and of `POST /api/identity/bootstrap`. */
export const accountBody = account.strict().refine(isNotEmail, notTheAddress).meta({ id: 'Account' });
export type AccountBody = z.infer<typeof accountBody>;

export const signInBody = z.strictObject({ email, password: givenPassword }).meta({ id: 'SignIn' });
export type SignInBody = z.infer<typeof signInBody>;

const refreshToken = z.string().min(1).max(200).describe('Replaces itself at each use; keep the newest one.');
export const refreshBody = z.strictObject({ refresh_token: refreshToken }).meta({ id: 'Refresh' });
export const signOutBody = z
  .strictObject({
    refresh_token: refreshToken,
    everywhere: z.boolean().default(false).describe('Ends every session of the user, not only this one.'),
  })
  .meta({ id: 'SignOut' });
export const changePasswordBody = z
  .strictObject({ current_password: givenPassword, new_password: newPassword })
  .meta({ id: 'ChangePassword' });

export const user = z
  .object({
    user_id: z.uuid().describe('`sub` of its access tokens.'),
    email: z.string(),
    roles: z.array(role),
    disabled: z.boolean(),
    created_at: z.iso.datetime({ offset: true }),
  })
  .meta({ id: 'User' });
export type User = z.infer<typeof user>;
export const userAnswer = z.object({ user }).meta({ id: 'UserAnswer' });

/** What signs a user in: the words of OAuth 2.0 (RFC 6749, 5.1). */
export const tokens = z
  .object({
    access_token: z.string().describe('A JWT: `iss`, `aud`, `sub`, `name`, `roles`, `sid`, `exp`; EdDSA.'),
    token_type: z.literal('Bearer'),
    expires_in: z.int().describe('Seconds until the access token ends.'),
    refresh_token: refreshToken,
    refresh_expires_in: z.int().describe('Seconds until the session ends, unless it is used before.'),
    user,
  })
  .meta({ id: 'Tokens' });
export type Tokens = z.infer<typeof tokens>;

/** The answer to a sign-up is the same whether or not the address had an account. */
export const signUpAnswer = z.object({ message: z.string() }).meta({ id: 'SignUpAnswer' });

const reason = writtenText(500).default('not given').describe('Why, for the audit.');
export const createUserBody = z
  .strictObject({ ...account.shape, roles: roles.default(['customer']), reason })
  .refine(isNotEmail, notTheAddress)
  .meta({ id: 'CreateUser' });
export type CreateUserBody = z.infer<typeof createUserBody>;
export const changeUserBody = z
  .strictObject({ roles: roles.optional(), disabled: z.boolean().optional(), reason })
  .refine(
    (change) => change.roles !== undefined || change.disabled !== undefined,
    'names nothing to change; send roles, disabled or both',
  )
  .meta({ id: 'ChangeUser' });
export type ChangeUserBody = z.infer<typeof changeUserBody>;

/** Sent by the dashboard, for the audit. */
export const operatorSignInBody = z
  .strictObject({
    with: z.enum(['link', 'operator-token']).describe('How the operator signed in at the dashboard.'),
  })
  .meta({ id: 'OperatorSignIn' });
export type OperatorSignInBody = z.infer<typeof operatorSignInBody>;

export const listUsersQuery = z.strictObject({
  cursor: z.uuid().optional().describe('The `next_cursor` of the page before.'),
  limit: z.coerce.number().int().min(1).max(200).default(50),
  email: keptText(254).optional().describe('Only addresses that begin with this.'),
});
export type ListUsersQuery = z.infer<typeof listUsersQuery>;
export const userList = z.object({ items: z.array(user), next_cursor: z.string().nullable() }).meta({ id: 'UserList' });

/** RFC 7517. */
export const keySet = z
  .object({
    keys: z.array(
      z.object({ kty: z.string(), crv: z.string(), x: z.string(), kid: z.string(), alg: z.string(), use: z.string() }),
    ),
  })
  .meta({ id: 'KeySet' });
