import type { RequestHandler } from 'express';
import { problem } from './errors.ts';

/** Sheds load: refuses an order with 429 while `max` orders are in progress in this process, before any work is done (I13). */
export function admission(max: number): RequestHandler {
  let inProgress = 0;
  return (_req, res, next) => {
    if (inProgress >= max) {
      throw problem('OVERLOADED', `${max} orders are in progress here already.`, { headers: { 'Retry-After': '1' } });
    }
    // The caller left while the body was read: `close` has already fired, and would never lower the count.
    if (res.closed) return;
    inProgress++;
    res.once('close', () => {
      inProgress--;
    });
    next();
  };
}
