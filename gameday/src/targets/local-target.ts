import { type Stack, startStack } from '@valerix/local-stack';
import { declaration, perService, SERVICE_KEYS, type ServiceKey } from '@valerix/system';
import { migrateAndBack } from './migrate-and-back.ts';
import { networkCommand } from './network-command.ts';
import { type Networks, openNetworks } from './networks.ts';
import { allMended, type Effect, handlerOf, replicasOf, type Target, TargetError } from './target.ts';
import { wipeRedis } from './wipe-redis.ts';

export interface LocalTargetOptions {
  /** How many replicas of each service; default 1. */
  replicas: { [K in ServiceKey]?: number | undefined };
  seed: number;
  onNotice: (name: string, text: string) => void;
  signal?: AbortSignal;
  /** More variables for the services, for example a test's sabotage. */
  env?: Partial<Record<ServiceKey, Record<string, string>>>;
}

/** A complete stack for this run only: real processes, in a temporary folder that is deleted with it. */
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

/** What heals each broken process, by its name; `paused NAME` for one that hangs. */
type Broken = Map<string, () => Promise<unknown>>;
type Handlers = Record<string, () => Promise<Effect>>;

function localTarget(stack: Stack, networks: Networks): Target & { stack: Stack } {
  const broken: Broken = new Map();

  async function act(command: readonly string[]): Promise<Effect> {
    const [verb = '', name = ''] = command;
    if (verb === 'network') return networkCommand(networks.all, command);
    if (verb === 'wipe' && name === 'redis') return wipeRedis(stack.redisUrl);
    const { pid } = name === 'postgres' ? stack.postgres : stack.process(name);
    // A process that is down cannot be hit, and a fault without effect must not count.
    if (pid === undefined && ['kill', 'crash', 'pause'].includes(verb)) {
      throw new TargetError(`"${command.join(' ')}": ${name} does not run.`);
    }
    const handlers = name === 'postgres' ? postgresHandlers(stack, broken) : processHandlers(stack, name, broken);
    return handlerOf(handlers, command)();
  }

  return {
    description: 'a fresh local stack',
    stack,
    services: stack.services,
    operatorToken: stack.operatorToken,
    variables: stack.env,
    fresh: true,
    obstacles: async () => [],
    act,
    // The stack is deleted with its run.
    undoOf: async () => undefined,
    undoOfFault: async () => undefined,
    async heal() {
      networkCommand(networks.all, ['network', 'heal']);
      const mends = [...broken.values()];
      broken.clear();
      // All at once: a service is not ready before the database it needs is back.
      await allMended(mends.map((mend) => mend()));
      // The supervisor restarts killed processes; the run goes on when they are ready.
      await allMended(replicasOf(stack.services).map(({ name }) => stack.process(name).untilReady()));
    },
    async close() {
      await stack.stop();
      await networks.close();
    },
  };
}

function processHandlers(stack: Stack, name: string, broken: Broken): Handlers {
  const process = stack.process(name);
  const start = async () => {
    await process.start();
    broken.delete(name);
  };
  const kill = async () => {
    await process.kill('SIGKILL');
    const over = name === 'redis' ? stack.redis.start() : process.untilReady();
    return { detail: `${name} was killed`, begins: `kill ${name}`, over };
  };
  return {
    kill,
    crash: kill,
    async stop() {
      broken.set(name, start);
      await process.hold();
      return { detail: `${name} is down`, begins: `stop ${name}` };
    },
    async start() {
      await start();
      return { detail: `${name} is up`, ends: `stop ${name}` };
    },
    async restart() {
      broken.set(name, start);
      await process.stop();
      await start();
      return { detail: `${name} was restarted`, begins: `restart ${name}`, over: Promise.resolve() };
    },
    async migrate() {
      const key = SERVICE_KEYS.find((one) => declaration(one).name === name);
      if (!key) throw new TargetError(`"migrate ${name}": it has no database.`);
      await migrateAndBack(key, stack.services[key].databaseUrl);
      return { detail: `${name} was migrated`, begins: `migrate ${name}`, over: Promise.resolve() };
    },
    async pause() {
      broken.set(`paused ${name}`, () => process.kill('SIGCONT'));
      await process.kill('SIGSTOP');
      return { detail: `${name} hangs`, begins: `pause ${name}` };
    },
    async resume() {
      await process.kill('SIGCONT');
      broken.delete(`paused ${name}`);
      return { detail: `${name} goes on`, ends: `pause ${name}` };
    },
  };
}

function postgresHandlers({ postgres }: Stack, broken: Broken): Handlers {
  const stop = async () => {
    broken.set('postgres', () => postgres.start());
    await postgres.stop('immediate');
  };
  const start = async () => {
    await postgres.start();
    broken.delete('postgres');
  };
  const kill = async () => {
    await stop();
    await start();
    return { detail: 'PostgreSQL crashed and recovered', begins: 'kill postgres', over: Promise.resolve() };
  };
  return {
    kill,
    crash: kill,
    async stop() {
      await stop();
      return { detail: 'PostgreSQL is down', begins: 'stop postgres' };
    },
    async start() {
      await start();
      return { detail: 'PostgreSQL is up', ends: 'stop postgres' };
    },
  };
}
