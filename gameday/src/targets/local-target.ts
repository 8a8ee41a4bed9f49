import { type ProcessHandle, type Stack, startStack } from '@valerix/local-stack';
import { declaration, perService, SERVICE_KEYS, type ServiceKey } from '@valerix/system';
import { networkCommand } from './network-command.ts';
import { type Networks, openNetworks } from './networks.ts';
import { type Effect, type Target, TargetError, unknownCommand } from './target.ts';
import { wipeRedis } from './wipe-redis.ts';

export interface LocalTargetOptions {
  /** How many of each service; 1 unless said. */
  replicas: { [K in ServiceKey]?: number | undefined };
  seed: number;
  onNotice: (name: string, text: string) => void;
  signal?: AbortSignal;
  /** More variables for the services: a sabotage of a test, say. */
  env?: Partial<Record<ServiceKey, Record<string, string>>>;
}

/** A whole stack of this run's own: real processes, in a temporary folder that goes with it. */
export async function startLocalTarget(options: LocalTargetOptions): Promise<Target & { stack: Stack }> {
  const networks = await openNetworks(options.seed);
  let stack: Stack;
  try {
    stack = await startStack({
      replicas: perService((key) => options.replicas[key] ?? 1),
      env: perService((key) => ({ LOG_LEVEL: 'warn', ...networks.env[key], ...options.env?.[key] })),
      onNotice: options.onNotice,
      ...(options.signal && { signal: options.signal }),
    });
  } catch (error) {
    await networks.close();
    throw error;
  }
  networks.leadTo(stack.services);
  return localTarget(stack, networks);
}

function localTarget(stack: Stack, networks: Networks): Target & { stack: Stack } {
  /** What has to be started, or woken, before the stack is whole again. */
  const broken = new Map<string, () => Promise<unknown>>();
  const untilWhole = (name: string) => (name === 'redis' ? stack.redis.start() : stack.process(name).untilReady());

  async function act(command: readonly string[]): Promise<Effect> {
    const [verb = '', name = ''] = command;
    if (verb === 'network') return networkCommand(networks.all, command);
    if (verb === 'wipe' && name === 'redis') {
      await wipeRedis(stack.redisUrl);
      return { detail: 'Redis is empty', begins: 'wipe redis', over: Promise.resolve() };
    }
    const { pid } = name === 'postgres' ? stack.postgres : stack.process(name);
    // What is down cannot be hit, and a fault that never was must not count as one.
    if (pid === undefined && (verb === 'kill' || verb === 'pause')) {
      throw new TargetError(`"${command.join(' ')}": ${name} does not run.`);
    }
    if (name === 'postgres') return postgresCommand(stack, verb, command, broken);
    return processCommand(stack.process(name), verb, command, broken, () => untilWhole(name));
  }

  return {
    description: 'a fresh local stack',
    stack,
    services: stack.services,
    operatorToken: stack.operatorToken,
    variables: { ...stack.env },
    fresh: true,
    act,
    async heal() {
      networkCommand(networks.all, ['network', 'heal']);
      const mends = [...broken.values()];
      broken.clear();
      // At once: a service is not ready before the database it needs is back.
      await Promise.all(mends.map((mend) => mend()));
      // What was killed comes back by itself; the run goes on when it is there.
      const names = SERVICE_KEYS.flatMap((key) => stack.services[key].urls.map(replica(declaration(key).name)));
      await Promise.all(names.map((name) => stack.process(name).untilReady()));
    },
    async close() {
      await stack.stop();
      await networks.close();
    },
  };
}

const replica = (name: string) => (_url: string, index: number) => (index === 0 ? name : `${name}-${index + 1}`);

type Broken = Map<string, () => Promise<unknown>>;

async function processCommand(
  process: ProcessHandle,
  verb: string,
  command: readonly string[],
  broken: Broken,
  untilWhole: () => Promise<void>,
): Promise<Effect> {
  const { name } = process;
  switch (verb) {
    case 'kill':
      await process.kill('SIGKILL');
      return { detail: `${name} was killed`, begins: `kill ${name}`, over: untilWhole() };
    case 'stop':
      broken.set(name, () => process.start());
      await process.hold();
      return { detail: `${name} is down`, begins: `stop ${name}` };
    case 'start':
      await process.start();
      broken.delete(name);
      return { detail: `${name} is up`, ends: `stop ${name}` };
    case 'restart': {
      broken.set(name, () => process.start());
      const over = process.stop().then(() => process.start());
      await over;
      broken.delete(name);
      return { detail: `${name} was restarted`, begins: `restart ${name}`, over };
    }
    case 'pause':
      broken.set(`paused ${name}`, () => process.kill('SIGCONT'));
      await process.kill('SIGSTOP');
      return { detail: `${name} hangs`, begins: `pause ${name}` };
    case 'resume':
      await process.kill('SIGCONT');
      broken.delete(`paused ${name}`);
      return { detail: `${name} goes on`, ends: `pause ${name}` };
    default:
      throw unknownCommand(command);
  }
}

async function postgresCommand(
  stack: Stack,
  verb: string,
  command: readonly string[],
  broken: Broken,
): Promise<Effect> {
  const { postgres } = stack;
  const mend = () => postgres.start();
  switch (verb) {
    case 'kill':
    case 'stop':
      broken.set('postgres', mend);
      await postgres.stopImmediate();
      if (verb === 'stop') return { detail: 'PostgreSQL is down', begins: 'stop postgres' };
      await postgres.start();
      broken.delete('postgres');
      return { detail: 'PostgreSQL crashed and recovered', begins: 'kill postgres', over: Promise.resolve() };
    case 'start':
      await postgres.start();
      broken.delete('postgres');
      return { detail: 'PostgreSQL is up', ends: 'stop postgres' };
    default:
      throw unknownCommand(command);
  }
}
