import { canonicalLines, isSettled } from '@valerix/contracts';
import { fullJitterMs, pause } from '@valerix/service-kit/backoff';
import type { Workload } from '../experiment/valerix-extension.ts';
import { type Action, type History, type HistoryLine, tenths } from './history.ts';
import type { OrderApi, Reply } from './order-api.ts';
import { random } from './random.ts';
import type { Reader } from './reader.ts';
import type { Operation } from './schedule.ts';

interface ClientOptions {
  api: OrderApi;
  reader: Pick<Reader, 'watch' | 'follow'>;
  history: History;
  workload: Workload;
  seed: number;
  /** Milliseconds since the start of the run. */
  now: () => number;
  /** Called for each attempt without a usable answer. */
  onTrouble: (status: number) => void;
  /** The orders that are followed now, by all clients. */
  followed: Set<string>;
  /** Aborted: stop retrying; open requests stay unknown. */
  signal: AbortSignal;
}

/** How long a client follows an order that was answered 202, milliseconds. */
const FOLLOW_MS = 180_000;
/**
 * The first pause before it asks again, and the longest; each is twice the one before. In a long outage every order is followed:
 * at 200 orders/s, a steady 2.5 s would be 14,000 reads a second.
 */
const FIRST_LOOK_MS = 250;
const LAST_LOOK_MS = 60_000;
/** Readers look at the orders that still move, and at one in so many of the others. */
const WATCHED_OTHERS = 16;
/** The most followers at once. Further clients leave with their 202: they would take the places of clients who order. */
const MAX_FOLLOWED = 5_000;

/**
 * A good client: it waits a limited time, retries with the same key and jitter, honours Retry-After, follows a 202 to its end,
 * and writes down what it was told. Everything it does is planned in the operation.
 */
export async function runClient(operation: Operation, options: ClientOptions): Promise<void> {
  const { api, signal } = options;
  const { key, items, token, replayAfterMs, reuse, cancelAfterMs } = operation;
  const ask = (f: Action, send: Send, given: Partial<HistoryLine> = {}) => tell(f, operation, options, given, send);
  const given = { key, items: canonicalLines(items), ...(token && { pays: true }) };
  const placed = await ask('place', (replica) => api.place(key, items, replica, token), given);
  if (!placed?.orderId) return;
  const { orderId, status } = placed;
  const mayMove = status === 202 || cancelAfterMs !== undefined;
  if (mayMove || operation.index % WATCHED_OTHERS === 0) options.reader.watch({ op: operation.index, key, orderId });
  const later = async (afterMs: number | undefined, f: Action, send: Send) => {
    if (afterMs === undefined) return;
    await pause(afterMs, signal);
    await ask(f, send);
  };
  await Promise.all([
    status === 202 && options.followed.size < MAX_FOLLOWED && follow(operation.index, orderId, options),
    later(replayAfterMs, 'replay', (replica) => api.place(key, items, replica, token)),
    reuse && later(reuse.afterMs, 'reuse', (replica) => api.place(key, reuse.items, replica, token)),
    later(isRefusal(status) ? undefined : cancelAfterMs, 'cancel', (replica) => api.cancel(orderId, replica)),
  ]);
}

type Send = (replica: number) => Promise<Reply>;

/** Asks for an order until it is settled, ever more rarely. */
async function follow(op: number, orderId: string, options: ClientOptions): Promise<void> {
  const { reader, followed, now, signal } = options;
  followed.add(orderId);
  const end = now() + FOLLOW_MS;
  let shedMs = 0;
  for (let attempt = 0; now() < end && !signal.aborted; attempt++) {
    await pause(Math.min(FIRST_LOOK_MS * 2 ** attempt, LAST_LOOK_MS) + shedMs, signal);
    const { status, state = '', retryAfterMs = 0 } = await reader.follow({ op, orderId }, op + attempt);
    if (isSettled(state) || status === 404) break;
    shedMs = retryAfterMs;
  }
  followed.delete(orderId);
}

/** Sends one request until it is answered, and writes its two lines to the history. */
async function tell(
  f: Action,
  operation: Operation,
  options: ClientOptions,
  given: Partial<HistoryLine>,
  send: Send,
): Promise<Reply | undefined> {
  const { history, now, workload, signal } = options;
  const op = operation.index;
  const intended = f === 'place' ? operation.atMs : now();
  history.write({ t: tenths(now()), op, f, type: 'invoke', ...given });
  const jitter = random(options.seed, f, op);
  let attempts = 0;
  let reply: Reply = { status: 0, error: 'not sent' };
  // Even a client that must give up sends once.
  do {
    reply = await send(op + attempts++);
    if (isAnswer(reply)) break;
    options.onTrouble(reply.status);
    const waitMs = reply.retryAfterMs ?? 0;
    await pause(waitMs + fullJitterMs(attempts, 100, 2_000, jitter), signal);
  } while (now() - intended < workload.give_up_ms && !signal.aborted);

  const common = { t: tenths(now()), op, f, attempts, latency: tenths(now() - intended), intended: tenths(intended) };
  if (!isAnswer(reply)) {
    const { status, code, error = 'no answer' } = reply;
    history.write({ ...common, type: 'unknown', status, error: code ?? error });
    return undefined;
  }
  history.write({ ...common, type: typeOf(f, reply), ...told(reply) });
  return reply;
}

function told({ status, orderId, md5, state, code }: Reply): Partial<HistoryLine> {
  return {
    status,
    ...(orderId && { order_id: orderId }),
    ...(md5 && { md5 }),
    ...(state && { state }),
    ...(code && { error: code }),
  };
}

/** True when a retry would not change the answer. */
function isAnswer({ status, code }: Reply): boolean {
  if (status === 0 || status >= 500 || status === 429) return false;
  // In flight: the first request still runs, or it died and the worker has not taken over yet.
  return !(status === 409 && (code === 'IDEMPOTENCY_KEY_IN_FLIGHT' || code === 'ORDER_IN_FLIGHT'));
}

function typeOf(f: Action, { status, orderId }: Reply): 'ok' | 'fail' {
  if (f === 'cancel') return status === 200 || status === 202 ? 'ok' : 'fail';
  if (f === 'reuse') return 'fail';
  // A refused order exists too, as failed.
  return status === 201 || status === 202 || (isRefusal(status) && orderId) ? 'ok' : 'fail';
}

/** Short of stock, or of money. */
const isRefusal = (status: number): boolean => status === 422 || status === 402;
