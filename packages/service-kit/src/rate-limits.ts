import type { Request, RequestHandler, Response } from 'express';
import { RateLimiterRedis, RateLimiterRes } from 'rate-limiter-flexible';
import { type Addresses, callerNetwork, isLoopback } from './addresses.ts';
import type { Quota } from './env.ts';
import { isPerson, MACHINE } from './identity/principal.ts';
import { counter, fromZero, type Registry } from './metrics.ts';
import { commonProblem, sendProblem } from './problem.ts';
import type { Redis } from './redis.ts';
import { repeat } from './repeat.ts';

/**
 * Each has a quota of its own. `writes` are orders, cancellations and every other change; `tokens` are checks of tokens that the process
 * has not seen before.
 */
const CLASSES = ['reads', 'writes', 'control', 'sign-in', 'webhooks', 'tokens'] as const;
export type LimitClass = (typeof CLASSES)[number];
/** Paths whose changes are not `writes`. */
export type LimitedPaths = Readonly<Record<string, LimitClass>>;
export type RateLimits = ReturnType<typeof createRateLimits>;

export interface RateLimitOptions {
  quotas: Record<LimitClass, Quota | undefined>;
  /** Callers from these addresses have no limit. */
  exempt: Addresses;
  registry: Registry;
}

/** A caller's window, as this replica knows it. */
interface Window {
  /** Requests let in here. */
  here: number;
  /** How many of these Redis was told of. */
  told: number;
  /** Requests that other replicas let in. */
  elsewhere: number;
  /** By `performance.now()`. */
  endsAt: number;
}

/** I13: callers remembered for each class. A caller who is forgotten early begins a new window here; Redis remembers him. */
const MAX_CALLERS = 20_000;
/** A caller is told to Redis once a replica has let in this share of his quota, so most never cost Redis anything. */
const QUIET_SHARE = 0.1;
/** How often Redis is told, and how many callers at once. */
const TELL_INTERVAL_MS = 250;
const TOLD_AT_ONCE = 500;

/**
 * Limits the requests of each caller, by class. Every replica decides at once by what it knows, and tells Redis behind: the
 * replicas together let in at most the quota, and what arrives within `TELL_INTERVAL_MS` and the quiet shares of the others
 * (ADR 30). Without Redis, each replica limits for itself.
 */
export function createRateLimits({ quotas, exempt, registry }: RateLimitOptions) {
  const refusals = limitMetrics(registry);
  const books = Object.fromEntries(CLASSES.map((name) => [name, createBook(quotas[name])])) as Record<LimitClass, Book>;

  /** A loopback address that another machine reports is not this machine's: any client behind it could write that. */
  function isExempt(ip: string, req: Request): boolean {
    if (!exempt(ip) || req.headers['x-forwarded-for'] === undefined || !isLoopback(ip)) return exempt(ip);
    return [req.socket.remoteAddress ?? '', ...req.ips].every(isLoopback);
  }

  /** @returns false if the caller has used up the quota; the answer is sent then */
  function admit(name: LimitClass, caller: string, res: Response): boolean {
    const limit = quotas[name];
    if (!limit) return true;
    const now = performance.now();
    const window = books[name].windowOf(caller, now);
    const left = limit.requests - window.here - window.elsewhere;
    say(res, name, limit, Math.max(0, left - 1), window.endsAt - now);
    if (left > 0) {
      books[name].letIn(caller, window);
      return true;
    }
    refusals.inc({ class: name });
    res.setHeader('Retry-After', Math.max(1, Math.ceil((window.endsAt - now) / 1000)));
    sendProblem(res, USED_UP[name]);
    return false;
  }

  return {
    /** Refuses a caller who has used up a quota, with 429. `classes` are those of paths with a quota of their own. */
    handler(classes: LimitedPaths = {}): RequestHandler {
      return (req, res, next) => {
        // Probes and scrapes are no caller's.
        const path = routedPath(req);
        if (!path.startsWith('/api/')) return next();
        const name = classOf(req.method, path, classes);
        const { principal, ip = '' } = req;
        if (isExempt(ip, req) || principal === MACHINE || principal.kind === 'service') return next();
        // Sign-ins count by address for people too: otherwise each new account would bring a quota for further sign-ups.
        const caller = isPerson(principal) && name !== 'sign-in' ? `user ${principal.id}` : addressOf(ip, req);
        if (admit(name, caller, res)) next();
      };
    },

    /** Whether a token may be checked for this address; if not, the answer is sent. Every path has this quota, probes too. */
    admitToken(req: Request, res: Response): boolean {
      const { ip = '' } = req;
      return isExempt(ip, req) || admit('tokens', addressOf(ip, req), res);
    },

    /** From now on Redis adds up what the replicas let in. @returns a function that ends it */
    share(redis: Redis, prefix: string): () => Promise<void> {
      const shared = CLASSES.flatMap((name) => {
        const limit = quotas[name];
        if (!limit) return [];
        const limiter = new RateLimiterRedis({
          storeClient: redis,
          keyPrefix: `${prefix}:limit:${name}`,
          points: limit.requests,
          duration: limit.windowSeconds,
          rejectIfRedisNotReady: true,
        });
        return [[books[name], limiter] as const];
      });
      const telling = repeat(TELL_INTERVAL_MS, () => Promise.all(shared.map(([book, limiter]) => book.tell(limiter))));
      return () => telling.stop();
    },
  };
}

export const limitMetrics = (registry: Registry) =>
  fromZero(
    counter(registry, 'rate_limited_total', 'Requests refused because their caller had used up a quota.', ['class']),
    'class',
    CLASSES,
  );

type Book = ReturnType<typeof createBook>;

/** The windows of one class. */
function createBook(limit: Quota | undefined) {
  const { requests, windowSeconds } = limit ?? { requests: 0, windowSeconds: 0 };
  const windows = new Map<string, Window>();
  /** Callers of whom Redis does not know all. */
  const untold = new Set<string>();
  return {
    windowOf(caller: string, now: number): Window {
      const known = windows.get(caller);
      if (known && known.endsAt > now) return known;
      // Deleted first, so that the map stays in the order in which windows began.
      windows.delete(caller);
      if (windows.size >= MAX_CALLERS) windows.delete(windows.keys().next().value as string);
      const window = { here: 0, told: 0, elsewhere: 0, endsAt: now + windowSeconds * 1000 };
      windows.set(caller, window);
      return window;
    },

    letIn(caller: string, window: Window): void {
      window.here++;
      // A process without Redis tells nothing, so the set needs a bound of its own (I13).
      if (window.here > requests * QUIET_SHARE && untold.size < MAX_CALLERS) untold.add(caller);
    },

    async tell(limiter: RateLimiterRedis): Promise<void> {
      const callers = [...untold].slice(0, TOLD_AT_ONCE);
      await Promise.all(callers.map((caller) => this.tellOf(caller, limiter)));
    },

    async tellOf(caller: string, limiter: RateLimiterRedis): Promise<void> {
      untold.delete(caller);
      const window = windows.get(caller);
      if (!window || window.endsAt <= performance.now()) return;
      const more = window.here - window.told;
      window.told += more;
      try {
        const sum = await limiter.consume(caller, more).catch(sumOf);
        window.elsewhere = Math.max(0, sum.consumedPoints - window.told);
        window.endsAt = performance.now() + sum.msBeforeNext;
      } catch {
        // Redis did not help: this replica limits by itself, and tells it the next time.
        window.told -= more;
        untold.add(caller);
      }
    },
  };
}

/** The limiter throws its sums too, when they are over the quota. */
function sumOf(thrown: unknown): RateLimiterRes {
  if (thrown instanceof RateLimiterRes) return thrown;
  throw thrown;
}

/** A proxy may say of its caller's address that it is unknown. */
const addressOf = (ip: string, req: Request) => callerNetwork(ip) ?? req.socket.remoteAddress ?? 'unknown';

/** The path as the router takes it, which ignores case and a slash at the end: `/API/orders/` must not escape its quota. */
function routedPath({ path }: Request): string {
  const lower = path.toLowerCase();
  return lower.endsWith('/') ? lower.slice(0, -1) : lower;
}

function classOf(method: string, path: string, classes: LimitedPaths): LimitClass {
  if (path.startsWith('/api/admin/')) return 'control';
  if (method === 'GET' || method === 'HEAD' || method === 'OPTIONS') return 'reads';
  return classes[path] ?? 'writes';
}

/** https://datatracker.ietf.org/doc/html/draft-ietf-httpapi-ratelimit-headers-10: `q` requests in `w` seconds; `r` left, for `t` seconds. */
function say(res: Response, name: LimitClass, { requests, windowSeconds }: Quota, left: number, forMs: number): void {
  res.setHeader('RateLimit-Policy', `"${name}";q=${requests};w=${windowSeconds}`);
  res.setHeader('RateLimit', `"${name}";r=${left};t=${Math.ceil(forMs / 1000)}`);
}

/** Made once: an error would note each time where it was made. */
const USED_UP = Object.fromEntries(
  CLASSES.map((name) => [name, commonProblem('RATE_LIMITED', `You have used up the quota "${name}".`)]),
) as Record<LimitClass, ReturnType<typeof commonProblem>>;
