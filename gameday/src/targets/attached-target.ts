import { createInterface } from 'node:readline/promises';
import { homeAt } from '@valerix/local-stack/home/home';
import { liveHolder } from '@valerix/local-stack/home/home-lock';
import { isRunning, readRecords } from '@valerix/local-stack/home/run-record';
import { httpStatus } from '@valerix/local-stack/machine/http-probe';
import { waitUntil } from '@valerix/local-stack/machine/wait-until';
import { SERVICE_NAMES } from '@valerix/system';
import { armedFaults } from '../undo/armed-faults.ts';
import { impossible, replicasNamed } from './abilities.ts';
import { ADDRESS_VARIABLES, readStackEnv, servicesOf } from './stack-env.ts';
import { allMended, allUrls, type Effect, handlerOf, type Target, TargetError, unknownCommand } from './target.ts';
import { wipeRedis } from './wipe-redis.ts';

/** The TARGET_COMMANDS that a running stack can carry out. */
export const ATTACHED_COMMANDS = [
  'kill NAME',
  'crash NAME',
  'restart NAME',
  'pause NAME',
  'resume NAME',
  'wipe redis',
] as const;

/** Whether a command is one of ATTACHED_COMMANDS; does not check that a process of that name exists. */
export function isAttachedCommand(command: readonly string[]): boolean {
  return ATTACHED_COMMANDS.some((form) => {
    const words = form.split(' ');
    return words.length === command.length && words.every((word, index) => word === 'NAME' || word === command[index]);
  });
}

const NEEDED = [...ADDRESS_VARIABLES, 'REDIS_URL', 'OPERATOR_TOKEN'];

/**
 * The running stack. Its supervisor restarts every killed process, so none can be held down, and the network between its
 * services cannot be broken. @throws {TargetError} when none runs, or the user does not agree
 */
export async function attachTarget(home: string, agreed: boolean): Promise<Target> {
  const env = readStackEnv(home);
  const missing = NEEDED.filter((name) => !env[name]);
  if (missing.length > 0) throw new TargetError(`No stack runs in ${home}: its env file lacks ${missing.join(', ')}.`);
  // The env file outlives the stack.
  if (!liveHolder(homeAt(home))) throw new TargetError(`No stack runs in ${home}; "make up" starts it.`);
  const services = servicesOf(env);
  await requireAgreement(`${home} (${services.order.urls[0]})`, agreed);
  const paused = new Set<string>();

  const end = (verb: string, running: Running, what: NodeJS.Signals): Effect => {
    const { name, pid } = running;
    signal(name, pid, what);
    const died = isReplaced(home, running);
    return { detail: `${name} was told to end`, begins: `${verb} ${name}`, died, over: untilServing(running, died) };
  };
  const kill = (process: Running) => end('kill', process, process.name === 'postgres' ? 'SIGQUIT' : 'SIGKILL');
  const handlers: Record<string, (process: Running) => Effect> = {
    kill,
    crash: kill,
    restart: (process) => end('restart', process, 'SIGTERM'),
    pause({ name, pid }) {
      paused.add(name);
      signal(name, pid, 'SIGSTOP');
      return { detail: `${name} hangs`, begins: `pause ${name}` };
    },
    resume({ name, pid }) {
      paused.delete(name);
      signal(name, pid, 'SIGCONT');
      return { detail: `${name} goes on`, ends: `pause ${name}` };
    },
  };

  async function act(command: readonly string[]): Promise<Effect> {
    const [verb = '', name = ''] = command;
    const [obstacle] = impossible([{ name: command.join(' '), command: [...command] }], 'attach');
    if (obstacle) throw new TargetError(obstacle);
    if (!isAttachedCommand(command)) throw unknownCommand(command);
    return verb === 'wipe' ? wipeRedis(env.REDIS_URL as string) : handlerOf(handlers, command)(processOf(home, name));
  }

  return {
    description: `the stack running in ${home}`,
    services,
    operatorToken: env.OPERATOR_TOKEN as string,
    variables: env,
    fresh: false,
    async obstacles(steps) {
      const running = readRecords(homeAt(home)).filter(isRunning);
      const missing = [...replicasNamed(steps)].filter(
        ([app, count]) => !running.some(({ name }) => name === `${app}-${count}`),
      );
      return [
        ...impossible(steps, 'attach'),
        ...missing.map(([app, count]) => `It names ${count} replicas of ${app}.`),
      ];
    },
    act,
    async undoOf([verb = '', name = '']) {
      // The supervisor restarts killed processes.
      if (verb !== 'pause') return undefined;
      const { pid, identity } = processOf(home, name);
      return { do: 'resume', name, pid, identity };
    },
    async undoOfFault() {
      const urls = allUrls(services);
      return { do: 'disarm', urls, keep: await armedFaults(urls, env.OPERATOR_TOKEN as string), home };
    },
    async heal() {
      const resumed = [...paused].map((name) => act(['resume', name]));
      await allMended([...resumed, ...allUrls(services).map(untilReady)]);
    },
    close: async () => {},
  };
}

async function requireAgreement(where: string, agreed: boolean): Promise<void> {
  if (agreed) return;
  if (!process.stdin.isTTY) throw new TargetError(`--attach breaks the stack in ${where}; say --yes.`);
  const terminal = createInterface({ input: process.stdin, output: process.stdout });
  const answer = await terminal.question(`This places orders in the stack in ${where}, and breaks it. Go on? [y/N] `);
  terminal.close();
  if (!/^y(es)?$/i.test(answer.trim())) throw new TargetError('Nothing was done.');
}

type Running = ReturnType<typeof processOf>;

/** A process of the stack, by the records that its supervisor keeps. @throws {TargetError} when none of that name runs */
function processOf(home: string, name: string) {
  const running = readRecords(homeAt(home)).filter(isRunning);
  const found = running.find((record) => record.name === name);
  if (found) return found;
  throw new TargetError(`No process "${name}" runs; there are: ${running.map((record) => record.name).join(', ')}.`);
}

function signal(name: string, pid: number, what: NodeJS.Signals): void {
  // Each service leads a process group; a postmaster passes signals on to its children itself.
  process.kill(name === 'postgres' ? pid : -pid, what);
}

const LIMIT_MS = 60_000;

/** False if the same process still runs after a minute. */
function isReplaced(home: string, { name, pid }: Running): Promise<boolean> {
  const replacement = () => readRecords(homeAt(home)).find((record) => record.name === name && record.pid !== pid);
  return waitUntil(LIMIT_MS, 200, () => replacement()?.pid !== undefined);
}

async function untilServing({ name, port }: Running, replaced: Promise<boolean>): Promise<void> {
  const isService = SERVICE_NAMES.some((service) => name.startsWith(service));
  if ((await replaced) && isService) await untilReady(`http://127.0.0.1:${port}`);
}

async function untilReady(url: string): Promise<void> {
  const ready = await waitUntil(LIMIT_MS, 200, async () => (await httpStatus(`${url}/readyz`, 1_000)) === 200);
  if (!ready) throw new TargetError(`${url} is not ready after a minute.`);
}
