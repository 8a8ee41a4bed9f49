import { commitPosition, type OrderEvent } from '@valerix/contracts';
import { pause } from '@valerix/service-kit/backoff';
import type { Logger } from '@valerix/service-kit/logger';
import type { RequestHandler, Response } from 'express';
import { problem } from './errors.ts';
import type { OrderReadsStore, TailedEvent } from './order-reads-store.ts';

export interface EventFeedOptions {
  reads: Pick<OrderReadsStore, 'endOfEvents' | 'eventsAfter'>;
  logger: Logger;
  pollMs: number;
  /** The most browsers that may listen (I13). */
  maxListeners: number;
}

const PAGE = 500;
const HEARTBEAT_MS = 15_000;
/** A listener further behind than this is dropped; it reconnects at its last event. */
const MAX_BUFFERED_BYTES = 1_000_000;

export type EventFeed = ReturnType<typeof createEventFeed>;

interface Listener {
  response: Response;
  /** The last event sent to it. */
  position: string;
}

/**
 * `GET /api/orders/stream`: the transitions of all orders on all replicas, as server-sent events. While there are listeners, one
 * reader follows the outbox for all of them; listeners at the same event share one query. `Last-Event-ID` continues a lost
 * connection.
 */
export function createEventFeed({ reads, logger, pollMs, maxListeners }: EventFeedOptions) {
  const listeners = new Set<Listener>();
  const stopped = new AbortController();
  let following: Promise<void> | undefined;

  async function follow(): Promise<void> {
    while (listeners.size > 0 && !stopped.signal.aborted) {
      for (const [position, group] of Map.groupBy(listeners, (listener) => listener.position)) {
        if (!stopped.signal.aborted) await tell(group, position);
      }
      await pause(pollMs, stopped.signal);
    }
    following = undefined;
  }

  /** Sends the events after a position to the listeners there. If the read fails, listeners elsewhere still get theirs. */
  async function tell(group: Listener[], position: string): Promise<void> {
    try {
      const events = await reads.eventsAfter(position, PAGE);
      for (const listener of group) send(listener, events);
    } catch (error) {
      logger.debug({ err: error }, 'the outbox could not be read');
    }
  }

  function send(listener: Listener, events: TailedEvent[]): void {
    const { response } = listener;
    if (response.writableLength > MAX_BUFFERED_BYTES) return void response.destroy();
    if (events.length > 0) write(response, events.map(frame).join(''));
    listener.position = events.at(-1)?.position ?? listener.position;
  }

  const handler: RequestHandler = async (req, res) => {
    const lastEventId = commitPosition.safeParse(req.headers['last-event-id']);
    // Fixed before the first byte is sent, so the listener gets every event committed after it connected.
    const position = lastEventId.data ?? (await reads.endOfEvents());
    // No `await` below: a client that closed before we add it would never be removed.
    if (res.closed) return;
    if (listeners.size >= maxListeners) {
      throw problem('OVERLOADED', 'Too many listeners.', { headers: { 'Retry-After': '5' } });
    }
    res.set({ 'Content-Type': 'text/event-stream', 'X-Accel-Buffering': 'no' });
    res.write('retry: 1000\n\n');
    if (stopped.signal.aborted || req.method === 'HEAD') return void res.end();
    const listener = { response: res, position };
    listeners.add(listener);
    const heartbeat = setInterval(() => write(res, ': alive\n\n'), HEARTBEAT_MS);
    res.once('close', () => {
      clearInterval(heartbeat);
      listeners.delete(listener);
    });
    following ??= follow();
  };

  return {
    handler,

    /** Ends every stream; the clients reconnect to another replica. */
    async stop(): Promise<void> {
      stopped.abort();
      for (const { response } of listeners) response.end();
      await following;
    },
  };
}

/** A stream that `stop` ended stays open until its reader reads; a write to it would be an uncaught error. */
function write(response: Response, text: string): void {
  if (!response.writableEnded) response.write(text);
}

function frame({ position, event }: { position: string; event: OrderEvent }): string {
  return `event: order\nid: ${position}\ndata: ${JSON.stringify(event)}\n\n`;
}
