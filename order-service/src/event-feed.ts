import type { OrderEvent } from '@valerix/contracts';
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
/** A listener that is this far behind is dropped; it reconnects where it was. */
const MAX_BUFFERED_BYTES = 1_000_000;

export type EventFeed = ReturnType<typeof createEventFeed>;

/**
 * `GET /api/orders/stream`: transitions of all orders, of all replicas, as server-sent events. One reader follows the outbox
 * for all listeners, and only while there are any. `Last-Event-ID` continues where a lost connection ended.
 */
export function createEventFeed({ reads, logger, pollMs, maxListeners }: EventFeedOptions) {
  const listeners = new Map<Response, string>();
  const stopped = new AbortController();
  let following: Promise<void> | undefined;

  async function follow(): Promise<void> {
    let position = await reads.endOfEvents();
    while (listeners.size > 0 && !stopped.signal.aborted) {
      try {
        const events = await reads.eventsAfter(position, PAGE);
        position = events.at(-1)?.position ?? position;
        for (const response of listeners.keys()) send(response, events);
        if (events.length === PAGE) continue;
      } catch (error) {
        logger.debug({ err: error }, 'the outbox could not be read');
      }
      await pause(pollMs, stopped.signal);
    }
    following = undefined;
  }

  function send(response: Response, events: TailedEvent[]): void {
    if (response.writableLength > MAX_BUFFERED_BYTES) return void response.destroy();
    if (events.length > 0) response.write(events.map(frame).join(''));
  }

  /** What the listener missed, up to one page. */
  async function catchUp(response: Response, lastEventId: unknown): Promise<void> {
    if (typeof lastEventId !== 'string' || !/^\d{1,20}\.\d{1,19}$/.test(lastEventId)) return;
    send(response, await reads.eventsAfter(lastEventId, PAGE));
  }

  const handler: RequestHandler = async (req, res) => {
    if (listeners.size >= maxListeners) {
      throw problem('OVERLOADED', 'Too many listeners.', { headers: { 'Retry-After': '5' } });
    }
    res.locals.notTraffic = true;
    res.set({ 'Content-Type': 'text/event-stream', 'Cache-Control': 'no-store', 'X-Accel-Buffering': 'no' });
    res.flushHeaders();
    res.write('retry: 1000\n\n');
    await catchUp(res, req.headers['last-event-id']);
    listeners.set(res, req.requestId);
    const heartbeat = setInterval(() => res.write(': alive\n\n'), HEARTBEAT_MS);
    res.once('close', () => {
      clearInterval(heartbeat);
      listeners.delete(res);
    });
    following ??= follow().catch((error) => {
      following = undefined;
      logger.warn({ err: error }, 'the event feed could not start');
      for (const response of listeners.keys()) response.end();
    });
  };

  return {
    handler,

    /** Ends every stream; their clients reconnect elsewhere. */
    async stop(): Promise<void> {
      stopped.abort();
      for (const response of listeners.keys()) response.end();
      await following;
    },
  };
}

function frame({ position, event }: { position: string; event: OrderEvent }): string {
  return `event: order\nid: ${position}\ndata: ${JSON.stringify(event)}\n\n`;
}
