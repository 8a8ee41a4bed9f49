import { type Command, commandReply, type Decision, MAX_COMMANDS_PER_REQUEST } from '@valerix/contracts';
import { type Dispatcher, Pool } from 'undici';

/** The warehouse gave no usable answer, so whether it acted is unknown. `cause` is one word, fit for a metric's label. */
export class InventoryFailure extends Error {
  override name = 'InventoryFailure';
  readonly kind: 'timeout' | 'connection' | 'status' | 'garbage';

  constructor(kind: InventoryFailure['kind'], message: string) {
    super(message);
    this.kind = kind;
  }
}

/** A command without its deadline, which is set when it leaves. */
export type Unsent = Command extends infer C ? (C extends Command ? Omit<C, 'deadline_ms'> : never) : never;

export interface InventoryTransport {
  /** Asks the warehouse, waiting `timeoutMs` at most. @throws {InventoryFailure} */
  send(command: Unsent, timeoutMs: number): Promise<Decision>;
  close(): Promise<void>;
}

interface Waiting {
  command: Unsent;
  deadline: number;
  resolve(decision: Decision): void;
  reject(error: InventoryFailure): void;
  /** Set once the command travels: tells its exchange that nobody waits for this answer any more. */
  abandon?: () => void;
}

/**
 * Commands that are ready in the same turn of the event loop travel in one request. Each has its own time limit and its own
 * line in the reply, which is read as it arrives; when nobody waits for a request any more, it is aborted.
 */
export function createInventoryTransport(options: { url: string; connections: number }): InventoryTransport {
  const pool = new Pool(options.url, { connections: options.connections, headersTimeout: 30_000, bodyTimeout: 30_000 });
  let ready: Waiting[] = [];

  function flush(): void {
    const leaving = ready;
    ready = [];
    for (let start = 0; start < leaving.length; start += MAX_COMMANDS_PER_REQUEST) {
      void exchange(pool, leaving.slice(start, start + MAX_COMMANDS_PER_REQUEST));
    }
  }

  return {
    send(command, timeoutMs) {
      return new Promise((resolve, reject) => {
        const timer = setTimeout(() => {
          waiting.abandon?.();
          reject(new InventoryFailure('timeout', `no answer within ${Math.round(timeoutMs)} ms`));
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

/** One request with all its answers. Never throws: every command is resolved or rejected. */
async function exchange(pool: Pool, commands: Waiting[]): Promise<void> {
  const abort = new AbortController();
  const open = new Set(commands);
  for (const waiting of commands) {
    waiting.abandon = () => {
      open.delete(waiting);
      if (open.size === 0) abort.abort();
    };
  }
  try {
    const response = await post(pool, commands, abort.signal);
    for await (const line of lines(response.body)) {
      const reply = readReply(line);
      const waiting = commands[reply.index];
      if (!waiting)
        throw new InventoryFailure('garbage', `the reply answers command ${reply.index}, which was not sent`);
      open.delete(waiting);
      if ('decision' in reply) waiting.resolve(reply.decision);
      else waiting.reject(new InventoryFailure('status', `${reply.error.status} ${reply.error.code}`));
    }
    if (open.size > 0) throw new InventoryFailure('connection', 'the reply ended before every command was answered');
  } catch (error) {
    const failure =
      error instanceof InventoryFailure
        ? error
        : new InventoryFailure('connection', (error as Error).message || String(error));
    for (const waiting of open) waiting.reject(failure);
  }
}

async function post(pool: Pool, commands: Waiting[], signal: AbortSignal): Promise<Dispatcher.ResponseData> {
  const now = performance.now();
  const body = commands
    .map(({ command, deadline }) =>
      JSON.stringify({ ...command, deadline_ms: Math.max(0, Math.floor(deadline - now)) }),
    )
    .join('\n');
  const response = await pool.request({
    method: 'POST',
    path: '/api/inventory/commands',
    headers: { 'content-type': 'application/x-ndjson', 'x-request-id': commands[0]?.command.request_id ?? '' },
    body,
    signal,
  });
  if (response.statusCode !== 200) {
    await response.body.dump();
    throw new InventoryFailure('status', `the warehouse answered ${response.statusCode}`);
  }
  return response;
}

async function* lines(body: Dispatcher.ResponseData['body']): AsyncGenerator<string> {
  let rest = '';
  body.setEncoding('utf8');
  for await (const chunk of body) {
    const parts = (rest + chunk).split('\n');
    rest = parts.pop() ?? '';
    yield* parts;
    if (rest.length > 1_000_000) throw new InventoryFailure('garbage', 'a line of the reply is too long');
  }
}

function readReply(line: string) {
  try {
    return commandReply.parse(JSON.parse(line));
  } catch {
    throw new InventoryFailure('garbage', 'a line of the reply could not be understood');
  }
}
