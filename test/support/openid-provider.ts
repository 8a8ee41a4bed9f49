import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type Context, Provider } from 'oidc-provider';

/** Also an audience: some installations have one name for the client and for the services. */
export const CLIENT = 'urn:valerix:shop';
const CALLBACK = 'http://127.0.0.1:9/callback';
const SCOPES = 'openid orders';
/** A redirect for each step of the flow, and a few more. */
const MAX_REDIRECTS = 10;

export interface OpenIdTokens {
  access_token: string;
  id_token: string;
}

/**
 * A real OpenID provider, whose people sign in without a password. The roles are in `realm_access.roles`, as Keycloak has them.
 * @param people the roles of each
 */
export async function startOpenIdProvider(people: Record<string, string[]>) {
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const provider: Provider = new Provider(
    issuer,
    configuration(people, () => provider),
  );
  const answer = provider.callback();
  server.on('request', (req, res) => {
    if (!req.url?.startsWith('/who/')) return answer(req, res);
    const result = { login: { accountId: req.headers['x-account'] } };
    provider
      .interactionFinished(req, res, result, { mergeWithLastSubmission: false })
      .catch((error) => res.destroy(error));
  });

  return {
    issuer,
    /** The tokens of a person for an audience, by an authorization code with PKCE. */
    async tokensOf(account: string, audience: string): Promise<OpenIdTokens> {
      const verifier = randomBytes(32).toString('base64url');
      const code = await codeFor(issuer, account, { resource: audience, code_challenge: sha256(verifier) });
      const form = { grant_type: 'authorization_code', code, client_id: CLIENT, redirect_uri: CALLBACK };
      const body = new URLSearchParams({ ...form, code_verifier: verifier, resource: audience });
      return (await fetch(`${issuer}/token`, { method: 'POST', body })).json() as Promise<OpenIdTokens>;
    },
    async stop(): Promise<void> {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

const sha256 = (text: string) => createHash('sha256').update(text).digest('base64url');

/** Follows the redirects as a browser does, to the client's callback. @returns the authorization code */
async function codeFor(issuer: string, account: string, more: Record<string, string>): Promise<string> {
  const asked = { client_id: CLIENT, response_type: 'code', redirect_uri: CALLBACK, scope: SCOPES };
  let at = `${issuer}/auth?${new URLSearchParams({ ...asked, code_challenge_method: 'S256', ...more })}`;
  const cookies = new Map<string, string>();
  for (let step = 0; step < MAX_REDIRECTS && !at.startsWith(CALLBACK); step++) {
    const cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    const response = await fetch(at, { redirect: 'manual', headers: { 'X-Account': account, cookie } });
    for (const line of response.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
      cookies.set(name, value);
    }
    at = new URL(response.headers.get('location') ?? '/nowhere', issuer).href;
  }
  const code = new URL(at).searchParams.get('code');
  if (!code) throw new Error(`no authorization code at ${at}`);
  return code;
}

const configuration = (people: Record<string, string[]>, provider: () => Provider) => ({
  clients: [{ client_id: CLIENT, redirect_uris: [CALLBACK], token_endpoint_auth_method: 'none' }],
  pkce: { required: () => true },
  scopes: SCOPES.split(' '),
  findAccount: async (_: Context, id: string) => ({ accountId: id, claims: async () => ({ sub: id }) }),
  /** Everybody has consented. */
  async loadExistingGrant({ oidc }: Context) {
    const grant = new (provider().Grant)({ clientId: oidc.client.clientId, accountId: oidc.session.accountId });
    grant.addOIDCScope(SCOPES);
    for (const resource of [oidc.params.resource ?? []].flat()) grant.addResourceScope(resource, 'orders');
    await grant.save();
    return grant;
  },
  extraTokenClaims: async (_: Context, { accountId }: { accountId: string }) => ({
    email: `${accountId}@example.org`,
    realm_access: { roles: people[accountId] },
  }),
  interactions: { url: (_: Context, { uid }: { uid: string }) => `/who/${uid}` },
  features: {
    devInteractions: { enabled: false },
    resourceIndicators: {
      enabled: true,
      getResourceServerInfo: (_: Context, audience: string) => ({
        scope: 'orders',
        audience,
        accessTokenFormat: 'jwt',
      }),
    },
  },
});
