import type { Redis } from '../redis.ts';
import type { Injector } from './injector.ts';

type Command = (...args: unknown[]) => Promise<unknown>;

/** The client as the service's own code shall see it: a command may be slow or refused. */
export function withRedisFaults(redis: Redis, injector: Injector<'dependency.redis'>): Redis {
  const point = injector.point('dependency.redis');
  const commands = redis as unknown as Record<string, Command>;
  const faulty: Record<string, unknown> = {};
  for (const name of redis.getBuiltinCommands()) {
    // A transaction is built without asking Redis.
    if (typeof commands[name] !== 'function' || name === 'multi') continue;
    const command: Command = (...args) => {
      if (point.armed === null) return (commands[name] as Command).call(redis, ...args);
      return injector.hit(point, {}).then(() => (commands[name] as Command).call(redis, ...args));
    };
    faulty[name] = command;
  }
  // These change the client itself, so they must not act on the object that stands in for it.
  const disconnect = (reconnect?: boolean) => redis.disconnect(reconnect);
  return Object.assign(Object.create(redis), faulty, { disconnect });
}
