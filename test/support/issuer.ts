import { randomUUID } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { ACCESS_TOKEN, type Role } from '@valerix/contracts';
import { exportJWK, generateKeyPair, type JWK, type JWTPayload, SignJWT } from 'jose';

export interface Person {
  sub?: string;
  name?: string;
  roles?: Role[];
}

interface Minting {
  claims?: JWTPayload;
  /** Seconds from now; negative for a token that has ended. */
  expiresIn?: number;
  kid?: string;
}

/** An issuer of access tokens under the control of a test, with its keys on a real socket. */
export async function startIssuer() {
  const pairs = new Map<string, { publicJwk: JWK; privateKey: CryptoKey }>();
  let asked = 0;
  let namesKeys = true;

  async function addKey(kid: string, alg: string = ACCESS_TOKEN.algorithm): Promise<void> {
    const { publicKey, privateKey } = await generateKeyPair(alg, { extractable: true });
    const publicJwk = { ...(await exportJWK(publicKey)), kid, alg, use: 'sig' };
    pairs.set(kid, { publicJwk, privateKey });
  }
  await addKey('first');
  const unknown = await generateKeyPair(ACCESS_TOKEN.algorithm);

  const server = createServer((_req, res) => {
    asked++;
    const keys = namesKeys ? [...pairs.values()].map(({ publicJwk }) => publicJwk) : [];
    res.setHeader('Content-Type', 'application/json').end(JSON.stringify({ keys }));
  });
  const listen = (port: number) => new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  await listen(0);
  const { port } = server.address() as AddressInfo;

  const sign = (
    person: Person,
    { claims, expiresIn = ACCESS_TOKEN.lifetimeSeconds, kid = 'first' }: Minting,
    key: CryptoKey,
    alg: string = ACCESS_TOKEN.algorithm,
  ) =>
    new SignJWT({ name: person.name ?? 'Ada', roles: person.roles ?? ['customer'], ...claims })
      .setProtectedHeader({ alg, kid })
      .setSubject(person.sub ?? randomUUID())
      .setIssuer((claims?.iss as string) ?? ACCESS_TOKEN.issuer)
      .setAudience((claims?.aud as string) ?? ACCESS_TOKEN.audience)
      .setIssuedAt()
      .setExpirationTime(Math.floor(Date.now() / 1_000) + expiresIn)
      .sign(key);

  return {
    url: `http://127.0.0.1:${port}`,
    addKey,
    token(person: Person = {}, minting: Minting = {}): Promise<string> {
      const { privateKey, publicJwk } = pairs.get(minting.kid ?? 'first') as NonNullable<ReturnType<typeof pairs.get>>;
      return sign(person, minting, privateKey, publicJwk.alg);
    },
    /** Signed by a key that is not in the key set, though the token says it is. */
    forged: (person: Person = {}) => sign(person, {}, unknown.privateKey),
    /** How often the keys were asked for. */
    asked: () => asked,
    /** From now on it answers without a key. */
    nameNoKeys(): void {
      namesKeys = false;
    },
    comeBack: () => listen(port),
    async leave(): Promise<void> {
      const gone = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      await gone;
    },
  };
}

export type Issuer = Awaited<ReturnType<typeof startIssuer>>;

/** The same claims without a signature. */
export function unsigned(token: string): string {
  const header = Buffer.from(JSON.stringify({ alg: 'none' })).toString('base64url');
  return `${header}.${token.split('.')[1]}.`;
}

export const bearer = (token: string) => ({ Authorization: `Bearer ${token}` });
