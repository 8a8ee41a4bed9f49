import { expect, it } from 'vitest';
import { isAccessToken } from '../src/identity/access-token.ts';

const claims = { sub: '1', aud: 'shop', azp: 'shop' };

it.each<[string, string | undefined, object]>([
  ['RFC 9068', 'at+jwt', {}],
  ['RFC 9068, in the long form', 'application/at+jwt', {}],
  ['RFC 9068, with the nonce of a proof', 'AT+JWT', { nonce: 'n' }],
  ['Keycloak', 'JWT', { typ: 'Bearer', scope: 'openid' }],
  ['Keycloak before version 25', 'JWT', { typ: 'Bearer', nonce: 'n' }],
  ['Auth0', 'JWT', { scope: 'openid profile' }],
  ['Entra ID', 'JWT', { scp: 'orders' }],
  ['Okta', undefined, { cid: 'shop', scp: ['orders'] }],
  ['Okta, internal', 'application/okta-internal-at+jwt', {}],
  ['Cognito', undefined, { token_use: 'access', client_id: 'shop' }],
])('an access token of %s is one', (_provider, typ, more) => {
  expect(isAccessToken({ ...(typ !== undefined && { typ }) }, { ...claims, ...more })).toBe(true);
});

it.each<[string, string | undefined, object]>([
  ['an ID token with a nonce', 'JWT', { nonce: 'n' }],
  ['an ID token with the hash of an access token', undefined, { at_hash: 'h' }],
  ['an ID token of the hybrid flow', 'JWT', { c_hash: 'h' }],
  ['an ID token that shows nothing at all', 'JWT', {}],
  ['an ID token with a claim that a mapper added', 'JWT', { nonce: 'n', scope: 'openid' }],
  ["Keycloak's ID token", 'JWT', { typ: 'ID', scope: 'openid' }],
  ["Keycloak's refresh token", 'JWT', { typ: 'Refresh', scope: 'openid' }],
  ["Cognito's ID token", undefined, { token_use: 'id' }],
  ['a logout token', 'logout+jwt', { events: {}, client_id: 'shop' }],
  ['a logout token of an older provider', 'JWT', { events: {}, client_id: 'shop' }],
  ['a signed request', 'oauth-authz-req+jwt', { client_id: 'shop', scope: 'openid' }],
  ['an answer of an introspection', 'token-introspection+jwt', { scope: 'orders' }],
])('%s is no access token', (_what, typ, more) => {
  expect(isAccessToken({ ...(typ !== undefined && { typ }) }, { ...claims, ...more })).toBe(false);
});
