import { ACCESS_TOKEN } from '@valerix/contracts';
import { errors, type JWTPayload, type JWTVerifyGetKey, type JWTVerifyOptions, jwtVerify } from 'jose';
import type { HttpProcessConfig } from '../env.ts';
import type { Logger } from '../logger.ts';
import type { Pool } from '../postgres.ts';
import { isAccessToken } from './access-token.ts';
import { createKeyMemory } from './key-memory-store.ts';
import { fetchJson, followKeys } from './key-set.ts';
import type { Principal } from './principal.ts';

/** How far the clocks of issuer and service may be apart, seconds. */
const LEEWAY_S = 30;
/** Signatures of an OpenID provider. Only those with a key pair: a shared secret would let every verifier sign. */
const OIDC_ALGORITHMS = ['EdDSA', 'ES256', 'ES384', 'ES512', 'PS256', 'PS384', 'PS512', 'RS256', 'RS384', 'RS512'];
/** The id becomes part of keys and rows, which are separated by characters that it must not have. */
const SUBJECT = /^[\x21-\x7e]{1,255}$/;

/**
 * Verifies access tokens: of identity-service, or of the OpenID provider in its place. Undefined when neither is configured.
 * `verify` throws an error of jose for a token that is not valid, and KeysUnavailable.
 * @param ownKeys the keys of the issuer itself, which need not be fetched
 */
export function createVerifier(config: HttpProcessConfig, logger: Logger, ownKeys?: JWTVerifyGetKey) {
  const { IDENTITY_URL, OIDC_ISSUER, OIDC_AUDIENCE, OIDC_ROLE_CLAIM } = config;
  if (!OIDC_ISSUER && !IDENTITY_URL && !ownKeys) return undefined;
  const accepted: JWTVerifyOptions = OIDC_ISSUER
    ? { algorithms: OIDC_ALGORITHMS, issuer: OIDC_ISSUER, audience: OIDC_AUDIENCE }
    : { algorithms: [ACCESS_TOKEN.algorithm], issuer: ACCESS_TOKEN.issuer, audience: ACCESS_TOKEN.audience };
  const options = { ...accepted, clockTolerance: LEEWAY_S, requiredClaims: ['sub', 'exp'] };
  const roleClaim = OIDC_ISSUER ? OIDC_ROLE_CLAIM : 'roles';
  const locate = OIDC_ISSUER ? () => discover(OIDC_ISSUER) : async () => `${IDENTITY_URL}/.well-known/jwks.json`;
  const followed = ownKeys && !OIDC_ISSUER ? undefined : followKeys({ locate, logger });
  const find = followed?.find ?? (ownKeys as JWTVerifyGetKey);
  return {
    async verify(token: string): Promise<Principal & { endsAt: number }> {
      const { payload, protectedHeader } = await jwtVerify(token, find, options);
      if (OIDC_ISSUER && !isAccessToken(protectedHeader, payload)) throw new errors.JWTInvalid('no access token');
      return { ...principalOf(payload, roleClaim), endsAt: ((payload.exp as number) + LEEWAY_S) * 1_000 };
    },
    /** Keeps the issuer's keys for processes that start without it. */
    rememberIn: (pool: Pool) => followed?.rememberIn(createKeyMemory(pool, OIDC_ISSUER ?? (IDENTITY_URL as string))),
    stop: async () => followed?.stop(),
  };
}

/** https://openid.net/specs/openid-connect-discovery-1_0.html, section 4.3: the document names the issuer it was asked for. */
async function discover(issuer: string): Promise<string> {
  const document = await fetchJson(`${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`);
  if (document.issuer !== issuer) throw new Error(`the provider calls itself ${document.issuer}, not ${issuer}`);
  return String(document.jwks_uri);
}

function principalOf(payload: JWTPayload, roleClaim: string): Principal {
  const id = String(payload.sub);
  if (!SUBJECT.test(id)) throw new errors.JWTInvalid('the subject is not 1 to 255 printable ASCII characters');
  const roles = claimAt(payload, roleClaim);
  const name = [payload.name, payload.email, payload.preferred_username].find((one) => typeof one === 'string' && one);
  return {
    kind: Array.isArray(roles) && roles.includes('operator') ? 'operator' : 'customer',
    id,
    // The audit must be able to keep it: PostgreSQL takes neither NUL nor half a character.
    name: String(name ?? id)
      .replaceAll('\0', '')
      .slice(0, 100)
      .toWellFormed(),
  };
}

/** The claim by its name, which may hold dots; otherwise the one at that path, such as `realm_access.roles`. */
function claimAt(payload: JWTPayload, path: string): unknown {
  if (path in payload) return payload[path];
  return path
    .split('.')
    .reduce<unknown>((at, name) => (at as Record<string, unknown> | null | undefined)?.[name], payload);
}
