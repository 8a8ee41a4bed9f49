import { declaration, SERVICE_KEYS, type ServiceKey } from '@valerix/system';
import type { Undo } from '../undo/undo.ts';
import type { TargetStep } from './abilities.ts';

/** A system under test, and the ways to break it. */
export interface Target {
  /** Such as "a fresh local stack". */
  description: string;
  /** The addresses of each service, one per replica. */
  services: Record<ServiceKey, { urls: string[]; databaseUrl: string }>;
  operatorToken: string;
  /** Where `configuration` entries of type env are looked up, before the process's own environment. */
  variables: Readonly<Record<string, string | undefined>>;
  /** True when the databases hold only data of this run: an order that no client placed is then a violation. */
  fresh: boolean;
  /** Why it cannot carry out these steps, a sentence each; asked before the load starts, so that nothing is broken in vain. */
  obstacles(steps: readonly TargetStep[]): Promise<string[]>;
  /**
   * Carries out one command of an experiment's process actions, such as `kill NAME`.
   * @throws TargetError for a command it does not know or cannot carry out
   */
  act(command: readonly string[]): Promise<Effect>;
  /** The undo of a command, in case the runner dies; undefined if the system recovers by itself or is deleted with the run. */
  undoOf(command: readonly string[]): Promise<Undo | undefined>;
  /** The undo of a request that arms a fault, likewise. */
  undoOfFault(): Promise<Undo | undefined>;
  /** Repairs everything it broke, whatever fails. Safe to call at any time, and more than once. @throws TargetError naming each failure */
  heal(): Promise<void>;
  close(): Promise<void>;
}

/** The effect of a command. */
export interface Effect {
  detail: string;
  /** The fault that began, by name; it lasts until an effect ends it, or `over` resolves. */
  begins?: string;
  ends?: string;
  over?: Promise<unknown>;
  /** How often the fault has hit so far; absent for a command that hits once, when it is carried out. */
  hits?: () => number;
  /** Whether the process that the command killed was seen dead; absent if the command itself waits for its end. Never rejects. */
  died?: Promise<boolean>;
}

export class TargetError extends Error {
  override name = 'TargetError';
}

/** The address of every replica of every service. */
export const allUrls = (services: Target['services']): string[] => Object.values(services).flatMap(({ urls }) => urls);

/** The name of a replica: that of its service, from the second one on with its number. */
export const replicaName = (service: string, index: number): string =>
  index === 0 ? service : `${service}-${index + 1}`;

/** The address of every replica of every service, by the replica's name. */
export const replicasOf = (services: Target['services']): { name: string; url: string }[] =>
  SERVICE_KEYS.flatMap((key) =>
    services[key].urls.map((url, index) => ({ name: replicaName(declaration(key).name, index), url })),
  );

/** Waits for all, even if one fails. @throws {TargetError} naming every failure */
export async function allMended(mends: Iterable<Promise<unknown>>): Promise<void> {
  const results = await Promise.allSettled(mends);
  const failures = results.flatMap((one) => (one.status === 'rejected' ? [(one.reason as Error).message] : []));
  if (failures.length > 0) throw new TargetError(failures.join(' '));
}

/** The commands, as the help and the error messages list them. */
export const TARGET_COMMANDS: Readonly<Record<string, string>> = {
  'kill NAME': 'SIGKILL, or delete the pod; its supervisor starts it again',
  'crash NAME': 'SIGKILL; in Kubernetes the process in the pod, which starts again in the same pod',
  'stop NAME': 'SIGKILL, and keep it down until `start`',
  'start NAME': 'start it and wait until it is ready',
  'restart NAME': 'SIGTERM, wait for its graceful end, start it and wait until it is ready',
  'migrate NAME': 'run the migrator, which makes and drops a column and an index while the service runs',
  'pause NAME': 'SIGSTOP, or cut off the pod: it exists, but does not answer',
  'resume NAME': 'SIGCONT, or connect the pod again',
  'wipe redis': 'FLUSHALL',
  'network slow MS [JITTER_MS]': 'delay the traffic between the services',
  'network cut': 'refuse and reset connections between the services',
  'network swallow PERCENT': 'deliver requests, but lose this share of the replies',
  'network heal': 'repair the network',
};

export function unknownCommand(command: readonly string[]): TargetError {
  const list = Object.keys(TARGET_COMMANDS).join(', ');
  return new TargetError(`The target does not know "${command.join(' ')}"; it knows: ${list}.`);
}

/** Looks up a handler by the verb of a command. @throws {TargetError} when there is none */
export function handlerOf<T>(handlers: Readonly<Record<string, T>>, command: readonly string[]): T {
  const verb = command[0] ?? '';
  if (!Object.hasOwn(handlers, verb)) throw unknownCommand(command);
  return handlers[verb] as T;
}
