import type { RequestHandler } from 'express';
import { problem } from './errors.ts';

/** Sheds load: more than `max` orders in progress in this process are refused with 429, before anything is done (I13). */
export function admission(max: number): RequestHandler {
  let inProgress = 0;
  return (_req, res, next) => {
    if (inProgress >= max) {
      throw problem('OVERLOADED', `${max} orders are in progress here already.`, { headers: { 'Retry-After': '1' } });
    }
    // Its caller left while the body was read: nobody would ever say that it is over.
    if (res.closed) return;
    inProgress++;
    res.once('close', () => {
      inProgress--;
    });
    next();
  };
}
