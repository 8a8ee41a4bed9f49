import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline/promises';
import { homeAt } from '@valerix/local-stack/home/home';
import { liveHolder } from '@valerix/local-stack/home/home-lock';
import { pause } from '@valerix/service-kit/backoff';
import { SERVICE_NAMES } from '@valerix/system';
import { request } from 'undici';
import { ADDRESS_VARIABLES, readStackEnv, servicesOf } from './stack-env.ts';
import { type Effect, handlerOf, type Target, TargetError, unknownCommand } from './target.ts';
import { wipeRedis } from './wipe-redis.ts';

/** The commands that a running stack can carry out, of TARGET_COMMANDS. */
export const ATTACHED_COMMANDS = ['kill NAME', 'restart NAME', 'pause NAME', 'resume NAME', 'wipe redis'] as const;

/** Whether a command is one of ATTACHED_COMMANDS; does not check that a process of that name exists. */
export function isAttachedCommand(command: readonly string[]): boolean {
  return ATTACHED_COMMANDS.some((form) => {
    const words = form.split(' ');
    return words.length === command.length && words.every((word, index) => word === 'NAME' || word === command[index]);
  });
}

const NEEDED = [...ADDRESS_VARIABLES, 'REDIS_URL', 'OPERATOR_TOKEN'];

/**
 * The running stack. Its supervisor restarts whatever is killed, so nothing can be held down, and the network between its
 * services cannot be touched. @throws {TargetError} when none runs, or the user does not agree
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

  const end = (verb: string, { name, pid, port }: Running, what: NodeJS.Signals): Effect => {
    signal(name, pid, what);
    return { detail: `${name} was ended`, begins: `${verb} ${name}`, over: untilReplaced(home, name, pid, port) };
  };
  const handlers: Record<string, (process: Running) => Effect> = {
    kill: (process) => end('kill', process, process.name === 'postgres' ? 'SIGQUIT' : 'SIGKILL'),
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
    if (['stop', 'start', 'network'].includes(verb)) {
      const words = command.join(' ');
      throw new TargetError(`"${words}" is not possible with --attach: the stack's supervisor restarts at once.`);
    }
    if (!isAttachedCommand(command)) throw unknownCommand(command);
    return verb === 'wipe' ? wipeRedis(env.REDIS_URL as string) : handlerOf(handlers, command)(processOf(home, name));
  }

  return {
    description: `the stack running in ${home}`,
    services,
    operatorToken: env.OPERATOR_TOKEN as string,
    variables: env,
    fresh: false,
    act,
    async heal() {
      for (const name of paused) await act(['resume', name]);
      for (const url of Object.values(services).flatMap(({ urls }) => urls)) await untilReady(url);
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

interface Running {
  name: string;
  pid: number;
  port: number;
}

/** A process of the stack, by the records that its supervisor keeps. */
function processOf(home: string, name: string): Running {
  const folder = join(home, 'run');
  const records = readdirSync(folder)
    .filter((file) => file.endsWith('.json'))
    .map((file) => JSON.parse(readFileSync(join(folder, file), 'utf8')) as Partial<Running>)
    .filter((record): record is Running => record.name !== undefined && record.pid !== undefined);
  const found = records.find((record) => record.name === name);
  if (found) return found;
  throw new TargetError(`No process "${name}" runs; there are: ${records.map((record) => record.name).join(', ')}.`);
}

function signal(name: string, pid: number, what: NodeJS.Signals): void {
  // The services lead process groups of their own; a postmaster passes signals on itself.
  process.kill(name === 'postgres' ? pid : -pid, what);
}

async function untilReplaced(home: string, name: string, pid: number, port: number): Promise<void> {
  for (let tries = 0; tries < 300; tries++) {
    await pause(200);
    try {
      if (processOf(home, name).pid === pid) continue;
    } catch {
      continue;
    }
    if (SERVICE_NAMES.some((service) => name.startsWith(service))) await untilReady(`http://127.0.0.1:${port}`);
    return;
  }
}

async function untilReady(url: string): Promise<void> {
  const isReady = async () => {
    const { statusCode, body } = await request(`${url}/readyz`, { signal: AbortSignal.timeout(1_000) });
    await body.dump();
    return statusCode === 200;
  };
  for (let tries = 0; tries < 300; tries++) {
    if (await isReady().catch(() => false)) return;
    await pause(200);
  }
  throw new TargetError(`${url} is not ready after a minute.`);
}
