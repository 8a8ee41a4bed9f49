import type { JWTHeaderParameters, JWTPayload } from 'jose';

/** RFC 9068, section 2.1; Okta has a name of its own. */
const ACCESS_TYPE = /^(application\/)?(okta-internal-)?at\+jwt$/i;
/** Types that say nothing. Any other, such as `logout+jwt`, says that the token is something else. */
const NO_TYPE = /^(application\/)?jwt$/i;
/** Claims of ID tokens (OpenID Connect Core, 2 and 3.3.2.11) and of logout tokens. */
const OTHERS_CLAIMS = ['nonce', 'at_hash', 'c_hash', 's_hash', 'events'];
/** Claims of access tokens only: RFC 9068, section 2.2; Okta and Entra ID have names of their own. */
const ACCESS_CLAIMS = ['scope', 'scp', 'client_id', 'cid'];

/**
 * Tells an OpenID provider's access tokens from its other tokens, which it signs with the same keys. An ID token has the client's id as
 * its audience, so the audience alone does not refuse it where that id is the audience of the services too. A token that shows neither
 * is refused: a client that signed a user in must not be able to use its proof of that as a right.
 */
export function isAccessToken({ typ }: Pick<JWTHeaderParameters, 'typ'>, payload: JWTPayload): boolean {
  if (typ !== undefined && ACCESS_TYPE.test(typ)) return true;
  if (typ !== undefined && !NO_TYPE.test(typ)) return false;
  // Keycloak and Cognito name the kind in a claim; Keycloak's access tokens may have a nonce.
  if (payload.typ !== undefined) return payload.typ === 'Bearer';
  if (payload.token_use !== undefined) return payload.token_use === 'access';
  if (OTHERS_CLAIMS.some((claim) => claim in payload)) return false;
  return ACCESS_CLAIMS.some((claim) => claim in payload);
}
