import { hash, randomBytes } from 'node:crypto';
import { z } from 'zod';
import type { Config } from './config.ts';
import { type Renewed, type Renewer, renewed } from './identity-client.ts';
import type { AccountSession } from './session.ts';

const TIMEOUT_MS = 5_000;
/** How long a sign-in at the provider may take. */
export const ATTEMPT_SECONDS = 600;

const discovery = z.object({ issuer: z.string(), authorization_endpoint: z.url(), token_endpoint: z.url() });
const tokenAnswer = z.object({
  access_token: z.string(),
  refresh_token: z.string().optional(),
  expires_in: z.number().optional(),
});

/** A sign-in on its way: what the answer of the provider must fit. */
export interface Attempt {
  readonly state: string;
  readonly verifier: string;
  readonly next: string;
}

/**
 * An OpenID provider in place of identity-service: authorization code with PKCE (RFC 7636). The services verify the access token; here its
 * claims are only shown.
 */
export class OpenIdProvider implements Renewer {
  readonly #config: NonNullable<Config['oidc']>;
  readonly #redirectUri: string;

  constructor(config: NonNullable<Config['oidc']>, dashboardUrl: string) {
    this.#config = config;
    this.#redirectUri = `${dashboardUrl}/api/session/callback`;
  }

  /** Where the browser signs in, and what its way back must fit. @throws Error if the provider does not answer */
  async begin(next: string): Promise<{ attempt: Attempt; url: string }> {
    const random = () => randomBytes(32).toString('base64url');
    const attempt = { state: random(), verifier: random(), next };
    const url = new URL((await this.#discover()).authorization_endpoint);
    for (const [name, value] of Object.entries({
      response_type: 'code',
      client_id: this.#config.clientId,
      redirect_uri: this.#redirectUri,
      scope: this.#config.scope,
      state: attempt.state,
      code_challenge: hash('sha256', attempt.verifier, 'base64url'),
      code_challenge_method: 'S256',
    })) {
      url.searchParams.set(name, value);
    }
    return { attempt, url: url.href };
  }

  /** The session for the code that the provider gave. @throws Error if it refuses, or its tokens cannot be read */
  async finish(code: string, { verifier }: Attempt, nowMs: number): Promise<AccountSession> {
    const answer = await this.#token({
      grant_type: 'authorization_code',
      code,
      redirect_uri: this.#redirectUri,
      code_verifier: verifier,
    });
    if (!answer.ok) throw new Error(`the provider answered ${answer.status}`);
    return this.#sessionOf(answer, '', nowMs);
  }

  async renew({ refresh }: AccountSession, nowMs: number): Promise<Renewed> {
    if (refresh === '') return 'refused';
    const answer = await this.#token({ grant_type: 'refresh_token', refresh_token: refresh }).catch(() => null);
    return renewed(answer, (given) => this.#sessionOf(given, refresh, nowMs));
  }

  async #token(form: Record<string, string>): Promise<Response> {
    const { clientId, clientSecret } = this.#config;
    const body = new URLSearchParams({
      ...form,
      client_id: clientId,
      ...(clientSecret === null ? {} : { client_secret: clientSecret }),
    });
    const { token_endpoint } = await this.#discover();
    const headers = { accept: 'application/json' };
    const signal = AbortSignal.timeout(TIMEOUT_MS);
    // A redirect would carry the code, its verifier and the client's secret elsewhere.
    return fetch(token_endpoint, { method: 'POST', body, headers, signal, redirect: 'error' });
  }

  /** https://openid.net/specs/openid-connect-discovery-1_0.html, section 4.3: the document names the issuer it was asked for. */
  async #discover() {
    const { issuer } = this.#config;
    const url = `${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`;
    const answer = await fetch(url, { signal: AbortSignal.timeout(TIMEOUT_MS) });
    const found = discovery.parse(await answer.json());
    if (found.issuer !== issuer) throw new Error(`the provider calls itself ${found.issuer}, not ${issuer}`);
    return found;
  }

  async #sessionOf(answer: Response, refreshBefore: string, nowMs: number): Promise<AccountSession> {
    const { access_token, refresh_token = refreshBefore, expires_in } = tokenAnswer.parse(await answer.json());
    const text = Buffer.from(access_token.split('.')[1] ?? '', 'base64url').toString();
    const claims = JSON.parse(text) as Record<string, unknown>;
    const name = [claims.name, claims.email, claims.preferred_username, claims.sub].find(
      (one) => typeof one === 'string',
    );
    const roles = claimAt(claims, this.#config.roleClaim);
    const { iat, exp } = z.object({ iat: z.number().optional(), exp: z.number().optional() }).parse(claims);
    const seconds = expires_in ?? (iat !== undefined && exp !== undefined ? exp - iat : 300);
    return {
      kind: 'account',
      name: String(name ?? 'unknown').slice(0, 100),
      operator: Array.isArray(roles) && roles.includes('operator'),
      access: access_token,
      issued_at_ms: nowMs,
      expires_at_ms: nowMs + seconds * 1000,
      refresh: refresh_token,
    };
  }
}

/** The claim of that name, which may hold dots; otherwise the one at that path, such as `realm_access.roles`. */
function claimAt(claims: Record<string, unknown>, path: string): unknown {
  if (path in claims) return claims[path];
  return path
    .split('.')
    .reduce<unknown>((at, name) => (at as Record<string, unknown> | null | undefined)?.[name], claims);
}
