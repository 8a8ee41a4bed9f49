import { hash } from 'node:crypto';
import type { Request, RequestHandler, Response } from 'express';
import { errors, type JWTVerifyGetKey } from 'jose';
import type { HttpProcessConfig } from '../env.ts';
import type { Logger } from '../logger.ts';
import type { Pool } from '../postgres.ts';
import { commonProblem, sendProblem } from '../problem.ts';
import type { RateLimits } from '../rate-limits.ts';
import { loggedUrl } from '../request-log.ts';
import { KeysUnavailable } from './key-set.ts';
import { GUEST, MACHINE, type Principal } from './principal.ts';
import { createVerifier } from './verify-token.ts';

export interface IdentityOptions {
  config: HttpProcessConfig;
  /** The services that call this one, by the credentials they show. */
  callers: ReadonlyMap<string, Principal>;
  limits: Pick<RateLimits, 'admitToken'>;
  logger: Logger;
  /** Set by the issuer itself. */
  ownKeys?: JWTVerifyGetKey | undefined;
}

/** Verified tokens that are remembered (I13); 2 MB. Another one in their place costs a signature check, about 0.1 ms. */
const MAX_REMEMBERED = 10_000;

/** The log has one line of refused tokens in this time, and their number: their sender must not choose how fast it grows. */
const LOG_PAUSE_MS = 1_000;

const BEARER = /^Bearer +(\S+) *$/i;

/**
 * Puts the sender of each request on `req.principal`; a request without a token is a guest's. An invalid token is refused on every path,
 * even where a guest may pass: its sender expects to be signed in. An address may have only so many new tokens checked.
 */
export function openIdentity({ config, callers, limits, logger, ownKeys }: IdentityOptions) {
  const verifier = createVerifier(config, logger, ownKeys);
  const machines = new Map<string, Principal>(
    [...callers].map(([credential, service]) => [nameOf(credential), service]),
  );
  if (config.OPERATOR_TOKEN) machines.set(nameOf(config.OPERATOR_TOKEN), MACHINE);
  const remembered = new Map<string, Principal & { endsAt: number }>();
  let refusedSinceLine = 0;
  let lineAt = Number.NEGATIVE_INFINITY;

  function recall(name: string): Principal | undefined {
    const known = remembered.get(name);
    if (!known) return undefined;
    remembered.delete(name);
    if (known.endsAt <= Date.now()) return undefined;
    // Insert it again at the end: the first entry is the least recently used.
    remembered.set(name, known);
    return known;
  }

  async function verify(token: string, name: string): Promise<Principal> {
    if (!verifier) throw new errors.JWTInvalid('no issuer is configured');
    const verified = await verifier.verify(token);
    remembered.set(name, verified);
    if (remembered.size > MAX_REMEMBERED) remembered.delete(remembered.keys().next().value as string);
    return verified;
  }

  function refuse(req: Request, res: Response, error: unknown): void {
    refusedSinceLine++;
    if (performance.now() - lineAt >= LOG_PAUSE_MS) {
      const { method, requestId: request_id, ip } = req;
      const line = { request_id, method, path: loggedUrl(req.originalUrl), ip, reason: reasonOf(error) };
      logger.warn({ ...line, refused: refusedSinceLine }, 'a token was refused');
      refusedSinceLine = 0;
      lineAt = performance.now();
    }
    sendProblem(
      res,
      error instanceof KeysUnavailable ? UNAVAILABLE : error instanceof errors.JWTExpired ? EXPIRED : INVALID,
    );
  }

  const identify: RequestHandler = (req, res, next) => {
    const { authorization } = req.headers;
    req.principal = GUEST;
    if (authorization === undefined) return next();
    if (isRepeated(req)) return refuse(req, res, new errors.JWTInvalid('two Authorization headers'));
    if (!/^Bearer\b/i.test(authorization)) return next();
    const token = BEARER.exec(authorization)?.[1] ?? '';
    // By its hash: how long a look-up takes tells nothing about the token.
    const name = nameOf(token);
    const known = machines.get(name) ?? recall(name);
    if (known) {
      req.principal = known;
      return next();
    }
    if (!limits.admitToken(req, res)) return;
    verify(token, name).then(
      (principal) => {
        req.principal = principal;
        next();
      },
      (error: unknown) => refuse(req, res, error),
    );
  };

  return {
    identify,
    rememberIn: (pool: Pool) => verifier?.rememberIn(pool),
    stop: async () => verifier?.stop(),
  };
}

/** Node.js takes the first of two headers. A proxy on the way may have believed the other. */
function isRepeated({ rawHeaders }: Request): boolean {
  const isName = (text: string, at: number) => at % 2 === 0 && text.length === 13 && /^authorization$/i.test(text);
  return rawHeaders.findIndex(isName) !== rawHeaders.findLastIndex(isName);
}

const nameOf = (token: string) => hash('sha256', token, 'base64');

const invalid = (detail: string) =>
  commonProblem('UNAUTHORIZED', detail, { headers: { 'WWW-Authenticate': 'Bearer error="invalid_token"' } });
const INVALID = invalid('The token is not valid.');
const EXPIRED = invalid('The token has expired.');
const UNAVAILABLE = commonProblem('IDENTITY_UNAVAILABLE', 'The token cannot be verified now.', {
  headers: { 'Retry-After': '5' },
});

/** For the log; never the token or a part of it. */
const reasonOf = (error: unknown) => (error instanceof errors.JOSEError ? error.code : (error as Error).name);
