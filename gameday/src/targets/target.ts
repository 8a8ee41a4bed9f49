import type { ServiceKey } from '@valerix/system';

/** A system under test, and what can be done to it. */
export interface Target {
  /** Such as "a fresh local stack". */
  description: string;
  /** Where each is reached, an address for each replica. */
  services: Record<ServiceKey, { urls: string[]; databaseUrl: string }>;
  operatorToken: string;
  /** What `configuration` entries of type env find, before the process's own environment. */
  variables: Record<string, string>;
  /** True when everything in the databases is of this run: then an order nobody placed is a violation. */
  fresh: boolean;
  /**
   * Carries out one command of an experiment's process actions, such as `kill NAME`.
   * @throws TargetError for a command it does not know or cannot carry out
   */
  act(command: readonly string[]): Promise<Effect>;
  /** Everything it broke works again. Safe to call at any time, and more than once. */
  heal(): Promise<void>;
  close(): Promise<void>;
}

/** What a command did. */
export interface Effect {
  detail: string;
  /** The fault that began, by name; it lasts until an effect ends it, or `over` resolves. */
  begins?: string;
  ends?: string;
  over?: Promise<unknown>;
  /** How often the fault has hit so far; absent: it was carried out, which is once. */
  hits?: () => number;
}

export class TargetError extends Error {
  override name = 'TargetError';
}

/** The commands, as the help and the error messages list them. */
export const TARGET_COMMANDS: Readonly<Record<string, string>> = {
  'kill NAME': 'SIGKILL, or delete the pod; it is started again by its supervisor',
  'stop NAME': 'SIGKILL, and it stays down until `start`',
  'start NAME': 'start it and wait until it is ready',
  'restart NAME': 'SIGTERM, wait for its graceful end, start it and wait until it is ready',
  'pause NAME': 'SIGSTOP: it is there and answers nothing',
  'resume NAME': 'SIGCONT',
  'wipe redis': 'FLUSHALL',
  'network slow MS [JITTER_MS]': 'delay what travels between the services',
  'network cut': 'refuse and reset connections between the services',
  'network swallow PERCENT': 'let requests arrive, and lose that share of the replies',
  'network heal': 'the network works again',
};

export function unknownCommand(command: readonly string[]): TargetError {
  const list = Object.keys(TARGET_COMMANDS).join(', ');
  return new TargetError(`The target does not know "${command.join(' ')}"; it knows: ${list}.`);
}
