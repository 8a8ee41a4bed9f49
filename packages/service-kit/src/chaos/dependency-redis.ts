import type { Redis } from '../redis.ts';
import type { Injector } from './injector.ts';

type Command = (...args: unknown[]) => Promise<unknown>;

/** The client for the service's own work: a fault can delay or refuse each command. */
export function withRedisFaults(redis: Redis, injector: Injector<'dependency.redis'>): Redis {
  const point = injector.point('dependency.redis');
  const commands = redis as unknown as Record<string, Command>;
  const faulty: Record<string, unknown> = {};
  for (const name of redis.getBuiltinCommands()) {
    // `multi` only builds a transaction and sends nothing.
    if (typeof commands[name] !== 'function' || name === 'multi') continue;
    const command: Command = (...args) => {
      if (point.armed === null) return (commands[name] as Command).call(redis, ...args);
      return injector.hit(point, {}).then(() => (commands[name] as Command).call(redis, ...args));
    };
    faulty[name] = command;
  }
  // This changes the client's own state, so it must run on the client.
  const disconnect = (reconnect?: boolean) => redis.disconnect(reconnect);
  return Object.assign(Object.create(redis), faulty, { disconnect });
}
