import type { Pool } from '../postgres.ts';
import type { Injector } from './injector.ts';

type Connected = (error: unknown, client?: unknown, done?: unknown) => void;

/**
 * The pool for the service's own work: a fault can delay or refuse each connection that it takes. `query` takes one too.
 * Probes and the control API use the pool itself.
 */
export function withPostgresFaults(pool: Pool, injector: Injector<'dependency.postgres'>): Pool {
  const point = injector.point('dependency.postgres');
  const connect = async () => {
    await injector.hit(point, {});
    return pool.connect();
  };
  const faulty = Object.create(pool) as Pool;
  return Object.assign(faulty, {
    connect(callback?: Connected) {
      if (point.armed === null) return callback ? pool.connect(callback as never) : pool.connect();
      if (!callback) return connect();
      connect().then((client) => callback(undefined, client, client.release), callback);
    },
  });
}
