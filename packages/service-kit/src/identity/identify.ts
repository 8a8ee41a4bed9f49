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

/** The log has one line of refused tokens in this time: their sender must not choose how fast it grows. */
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
  /** Checks under way: requests that arrive together with a new token share one. */
  const checks = new Map<string, Promise<Principal>>();
  const log = logTogether(logger);

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

  function check(token: string, name: string): Promise<Principal> {
    const checking = verify(token, name).finally(() => checks.delete(name));
    checks.set(name, checking);
    return checking;
  }

  function refuse(req: Request, res: Response, error: unknown): void {
    log.refused(req, error);
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
    const underWay = checks.get(name);
    if (!underWay && !limits.admitToken(req, res)) return;
    (underWay ?? check(token, name)).then(
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
    async stop(): Promise<void> {
      log.stop();
      await verifier?.stop();
    },
  };
}

/** Logs the first refusal at once, and those of each `LOG_PAUSE_MS` after it in one line: the last of them, and their number. */
function logTogether(logger: Logger) {
  let count = 0;
  let last: () => object;
  let pause: NodeJS.Timeout | undefined;

  function tell(): void {
    clearTimeout(pause);
    pause = undefined;
    if (count === 0) return;
    logger.warn({ ...last(), refused: count }, 'a token was refused');
    count = 0;
    pause = setTimeout(tell, LOG_PAUSE_MS).unref();
  }

  return {
    refused(req: Request, error: unknown): void {
      const { method, requestId: request_id, ip, originalUrl } = req;
      count++;
      last = () => ({ request_id, method, path: loggedUrl(originalUrl), ip, reason: reasonOf(error) });
      if (pause === undefined) tell();
    },

    /** Logs what was not logged yet. */
    stop(): void {
      tell();
      clearTimeout(pause);
    },
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
