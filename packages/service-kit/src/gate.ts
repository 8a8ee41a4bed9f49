import { type NextFunction, type Request, type RequestHandler, type Response, Router } from 'express';
import { commonProblem, sendProblem } from './problem.ts';

export interface GateOptions {
  /** Requests that may be under way at once. */
  atOnce: number;
  /** What a refused caller reads. */
  detail: string;
  /** Lets a request pass without a place. */
  exempt?: (req: Request) => boolean;
  /** True while no request is let in. */
  closed?: () => boolean;
  /** True while work is under way that comes first: places rest only then. Without it, it may always be under way. */
  busy?: () => boolean;
}

/**
 * How long a request waits for a place before it is refused. A crowd that asks again at once spends its time here: 300 clients without
 * a pause cost 1,000 refusals a second, and would cost the whole process without the wait.
 */
const WAIT_MS = 300;
/**
 * In a crowd, a place rests this many times as long as it was taken: beside orders, readers get a fifth of the event loop, and all of it
 * while there is none. Where orders are not seen, they get half.
 */
const REST = { idle: 0, busy: 4, unseen: 1 };
/** A request that took longer mostly waited for the database, not for the event loop, so its place need not rest as long. */
const MAX_REST_MS = 1_000;
/** More than this many waiting are refused at once (I13). */
const MAX_WAITING = 1_000;

interface Waiting {
  res: Response;
  next: NextFunction;
  timer: NodeJS.Timeout;
}

/** Bounds a kind of request: `atOnce` are under way, others wait for a place for up to 300 ms and are then refused with 429. */
export function gate({ atOnce, detail, exempt, closed, busy }: GateOptions): RequestHandler {
  // Made once: an error would note each time where it was made.
  const overloaded = commonProblem('OVERLOADED', detail, { headers: { 'Retry-After': '1' } });
  let inside = 0;
  // All wait equally long, so the first in line is also the first whose time ends.
  const line: Waiting[] = [];

  function enter(res: Response, next: NextFunction): void {
    inside++;
    const entered = performance.now();
    let left = false;
    const leave = () => {
      if (left) return;
      left = true;
      // While others wait, a place rests: a crowd must not get the whole event loop.
      const times = REST[busy ? (busy() ? 'busy' : 'idle') : 'unseen'];
      if (line.length === 0 || times === 0) return free();
      setTimeout(free, Math.min((performance.now() - entered) * times, MAX_REST_MS));
    };
    // Node emits it when the whole answer is handed over, whether or not its reader reads: a slow reader keeps no place.
    res.once('prefinish', leave);
    res.once('close', leave);
    next();
  }

  function free(): void {
    inside--;
    admit();
  }

  function admit(): void {
    while (inside < atOnce && line.length > 0 && !closed?.()) {
      const { res, next, timer } = line.shift() as Waiting;
      clearTimeout(timer);
      if (!res.closed) enter(res, next);
    }
  }

  function refuse(res: Response): void {
    if (!res.closed) sendProblem(res, overloaded);
  }

  function giveUp(): void {
    const first = line.shift();
    if (first) refuse(first.res);
  }

  return (req, res, next) => {
    if (exempt?.(req)) return next();
    admit();
    if (inside < atOnce && !closed?.()) return enter(res, next);
    if (line.length >= MAX_WAITING) return refuse(res);
    line.push({ res, next, timer: setTimeout(giveUp, WAIT_MS) });
  };
}

/** Puts gates before routes, named `GET /api/orders/:id`; the first that fits a request is the one it passes. */
export function gates(routes: Record<string, RequestHandler>): RequestHandler {
  const router = Router();
  for (const [route, pass] of Object.entries(routes)) {
    const [method, path = ''] = route.split(' ');
    // `all`, because a router answers OPTIONS by itself where only some methods have a handler.
    router.all(path, (req, res, next) => {
      if (req.method === method || (req.method === 'HEAD' && method === 'GET')) return pass(req, res, toApp(next));
      next();
    });
  }
  return router;
}

/** Puts one gate before all routes that read. Commands have their own limit, in the batcher. */
export const admitReaders = (routes: readonly string[], reads: RequestHandler): RequestHandler =>
  gates(Object.fromEntries(routes.map((route) => [route, reads])));

const toApp =
  (next: NextFunction): NextFunction =>
  (error?: unknown) =>
    next(error ?? 'router');
