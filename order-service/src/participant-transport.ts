import { StringDecoder } from 'node:string_decoder';
import { type DecisionOutcome, MAX_COMMANDS_PER_REQUEST, readLine } from '@valerix/contracts';
import { type Dispatcher, Pool } from 'undici';
import { z } from 'zod';

/**
 * A participant gave no usable answer. `kind` is one word, fit for a metric's label. `sent` is false only when not a byte of the
 * command left this process: then the participant cannot have acted.
 */
export class ParticipantFailure extends Error {
  override name = 'ParticipantFailure';
  readonly kind: 'timeout' | 'connection' | 'status' | 'garbage';
  readonly sent: boolean;

  constructor(kind: ParticipantFailure['kind'], message: string, { sent = true } = {}) {
    super(message);
    this.kind = kind;
    this.sent = sent;
  }
}

/** What every command to a participant carries beside its own fields. Its deadline is added when it leaves. */
export interface AnyCommand {
  op: string;
  order_id: string;
  items?: readonly { item_id: string }[];
  attempt: number;
  request_id: string;
  traceparent?: string;
}

/** What every participant's decision says. */
export interface AnyDecision {
  order_id: string;
  outcome: DecisionOutcome;
  reason: string | null;
}

export interface Transport {
  /**
   * Sends a command and waits at most `timeoutMs` for its answer.
   * @returns the decision; undefined while the participant cannot tell yet what became of the order @throws {ParticipantFailure}
   */
  send(command: AnyCommand, timeoutMs: number): Promise<AnyDecision | undefined>;
  close(): Promise<void>;
}

/** One line of a participant's reply. */
type Reply =
  | { index: number; decision: AnyDecision }
  | { index: number; order_id?: string | undefined; error: { status: number; code: string; detail: string } };

export interface TransportOptions {
  /** A path in it comes before `path`. */
  url: string;
  /** Where the participant takes commands. */
  path: string;
  credential?: string | undefined;
  connections: number;
  /** The schema of one line of the reply. */
  reply: z.ZodType<Reply>;
}

interface Waiting {
  command: AnyCommand;
  deadline: number;
  resolve(decision: AnyDecision | undefined): void;
  reject(error: ParticipantFailure): void;
  /** The request it travels in, once it does. */
  exchange?: Exchange;
}

/** The error of a line whose order the participant is still at work on. */
const PENDING_CODE = 'PAYMENT_PENDING';

/**
 * Commands that are ready in the same turn of the event loop travel in one request. Each has its own time limit and its own
 * line in the reply, which is read as it arrives. A request is aborted once no command in it waits any more.
 */
export function createParticipantTransport(options: TransportOptions): Transport {
  const { origin, pathname } = new URL(options.url);
  const to = { ...options, path: (pathname === '/' ? '' : pathname) + options.path };
  const pool = new Pool(origin, { connections: options.connections, headersTimeout: 30_000, bodyTimeout: 30_000 });
  let ready: Waiting[] = [];

  function flush(): void {
    const leaving = ready;
    ready = [];
    for (let start = 0; start < leaving.length; start += MAX_COMMANDS_PER_REQUEST) {
      const commands = leaving.slice(start, start + MAX_COMMANDS_PER_REQUEST);
      pool.dispatch(requestOf(to, commands), new Exchange(commands, options.reply));
    }
  }

  return {
    send(command, timeoutMs) {
      return new Promise((resolve, reject) => {
        const timer = setTimeout(() => {
          const sent = waiting.exchange?.abandon(waiting) ?? true;
          reject(new ParticipantFailure('timeout', `no answer within ${Math.round(timeoutMs)} ms`, { sent }));
        }, timeoutMs);
        const waiting: Waiting = {
          command,
          deadline: performance.now() + timeoutMs,
          resolve(decision) {
            clearTimeout(timer);
            resolve(decision);
          },
          reject(error) {
            clearTimeout(timer);
            reject(error);
          },
        };
        if (ready.push(waiting) === 1) setImmediate(flush);
      });
    },
    close: () => pool.close(),
  };
}

function requestOf({ path, credential }: TransportOptions, commands: readonly Waiting[]): Dispatcher.DispatchOptions {
  const now = performance.now();
  const body = commands
    .map(({ command, deadline }) =>
      JSON.stringify({ ...command, deadline_ms: Math.max(0, Math.floor(deadline - now)) }),
    )
    .join('\n');
  return {
    method: 'POST',
    path,
    headers: {
      ...(credential !== undefined && { authorization: `Bearer ${credential}` }),
      'content-type': 'application/x-ndjson',
      'x-request-id': commands[0]?.command.request_id ?? '',
    },
    body,
  };
}

/**
 * One request with all its answers: every command is resolved or rejected. An error that its methods throw ends the request and
 * comes back to `onResponseError`. undici calls these methods directly: `pool.request` keeps each request until V8's next full
 * collection (docs/performance.md, "What outlives its request").
 */
class Exchange implements Dispatcher.DispatchHandler {
  readonly #commands: readonly Waiting[];
  readonly #schema: z.ZodType<Reply>;
  readonly #open: Set<Waiting>;
  readonly #decoder = new StringDecoder('utf8');
  #controller: Dispatcher.DispatchController | undefined;
  #rest = '';
  #unreadable = false;

  constructor(commands: readonly Waiting[], schema: z.ZodType<Reply>) {
    this.#commands = commands;
    this.#schema = schema;
    this.#open = new Set(commands);
    for (const waiting of commands) waiting.exchange = this;
  }

  /**
   * The sender of this command no longer waits for its answer.
   * @returns false if the request has not left and never will, because this was its last command
   */
  abandon(waiting: Waiting): boolean {
    this.#open.delete(waiting);
    this.#endWhenUnwanted();
    return this.#controller !== undefined || this.#open.size > 0;
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller;
    this.#endWhenUnwanted();
  }

  onResponseStart(_controller: Dispatcher.DispatchController, status: number): void {
    // A status below 200 only announces the reply.
    if (status > 200) this.#fail(new ParticipantFailure('status', `it answered ${status}`));
  }

  onResponseData(_controller: Dispatcher.DispatchController, chunk: Buffer): void {
    this.#rest += this.#decoder.write(chunk);
    // With no command waiting, the body is the text of an error, not lines of a reply.
    if (this.#open.size > 0) {
      const lines = this.#rest.split('\n');
      this.#rest = lines.pop() ?? '';
      for (const line of lines) this.#read(line);
    }
    if (this.#rest.length > 1_000_000) throw new ParticipantFailure('garbage', 'a line of the reply is too long');
  }

  onResponseEnd(): void {
    this.#fail(
      this.#unreadable
        ? new ParticipantFailure('garbage', 'a line of the reply could not be understood')
        : new ParticipantFailure('connection', 'the reply ended before every command was answered'),
    );
  }

  onResponseError(_controller: Dispatcher.DispatchController | null, error: Error): void {
    // undici announces a request just before it writes it; refused connections and DNS errors come before that.
    const sent = this.#controller !== undefined;
    const known = error instanceof ParticipantFailure;
    this.#fail(known ? error : new ParticipantFailure('connection', error.message || String(error), { sent }));
  }

  /** A line that cannot be read, or that answers no command that was sent, leaves the other commands of the request alone. */
  #read(line: string): void {
    const reply = readLine(this.#schema, line);
    const index = reply?.index ?? readLine(numbered, line)?.index;
    const waiting = index === undefined ? undefined : this.#commands[index];
    if (!waiting) {
      this.#unreadable = true;
      return;
    }
    this.#open.delete(waiting);
    settle(waiting, reply);
  }

  #endWhenUnwanted(): void {
    if (this.#open.size === 0) this.#controller?.abort(new Error('nobody waits for the answers'));
  }

  /** Rejects every command that still waits. */
  #fail(failure: ParticipantFailure): void {
    for (const waiting of this.#open) waiting.reject(failure);
    this.#open.clear();
  }
}

/** The readable part of a reply whose decision is not: a newer participant may know more outcomes and reasons. */
const numbered = z.object({ index: z.int().min(0) });

/** An answer counts only for the order that it names; an older inventory service does not name the order in an error. */
function settle(waiting: Waiting, reply: Reply | undefined): void {
  const { order_id } = waiting.command;
  if (!reply) {
    waiting.reject(new ParticipantFailure('garbage', 'the line of this order could not be understood'));
    return;
  }
  const about = 'decision' in reply ? reply.decision.order_id : (reply.order_id ?? order_id);
  if (about !== order_id) {
    waiting.reject(new ParticipantFailure('garbage', `the answer is about order ${about}, not ${order_id}`));
  } else if ('decision' in reply) waiting.resolve(reply.decision);
  else if (reply.error.code === PENDING_CODE) waiting.resolve(undefined);
  else waiting.reject(new ParticipantFailure('status', `${reply.error.status} ${reply.error.code}`));
}
