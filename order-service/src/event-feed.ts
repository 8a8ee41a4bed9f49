import { commitPosition, type OrderEvent, type PlacedBy, transactionOf } from '@valerix/contracts';
import { pause } from '@valerix/service-kit/backoff';
import type { Logger } from '@valerix/service-kit/logger';
import { shared } from '@valerix/service-kit/shared';
import type { Request, RequestHandler, Response } from 'express';
import { problem } from './errors.ts';
import type { OrderReadsStore, TailedEvent } from './order-reads-store.ts';
import { covers, type Orders } from './ownership.ts';

export interface EventFeedOptions {
  reads: Pick<OrderReadsStore, 'endOfEvents' | 'eventsAfter' | 'placedBy'>;
  /** The orders whose events a listener may see. @throws if there are none */
  reachOf: (req: Request) => Orders;
  logger: Logger;
  pollMs: number;
  /** The most browsers that may listen, and the bytes that may wait in this process for all of them to read (I13). */
  maxListeners: number;
  maxBufferedBytes: number;
}

const PAGE = 500;
const HEARTBEAT_MS = 15_000;
/** A listener whose page has waited so long is ended when others need the room. */
const STALLED_MS = 1_000;
export type EventFeed = ReturnType<typeof createEventFeed>;

interface Listener {
  response: Response;
  reach: Orders;
  /** When its access token ends, milliseconds since 1970. */
  endsAt: number;
  /** The last event sent to it, and when. */
  position: string;
  sentAtMs: number;
}

/**
 * `GET /api/orders/stream`: the transitions of orders on all replicas, as server-sent events; each listener gets those of the orders
 * that it may see. While there are listeners, one reader follows the outbox for all of them; listeners at the same event share one
 * query. A listener gets no further page before it has read the last one, and no event after its access token has ended: the stream then
 * ends. `Last-Event-ID` continues a lost connection, with a new token.
 */
export function createEventFeed({ reads, reachOf, logger, pollMs, maxListeners, maxBufferedBytes }: EventFeedOptions) {
  const listeners = new Set<Listener>();
  const stopped = new AbortController();
  // A crowd that connects at once costs one query. An end found before a listener connected only gives it more events.
  const endOfEvents = shared(0, reads.endOfEvents);
  let following: Promise<void> | undefined;
  let wake: () => void = () => {};

  async function follow(): Promise<void> {
    while (listeners.size > 0 && !stopped.signal.aborted) {
      const woken = new Promise<void>((resolve) => {
        wake = resolve;
      });
      const reading = [...listeners].filter(({ response }) => !response.writableNeedDrain);
      for (const [position, group] of Map.groupBy(reading, (listener) => listener.position)) {
        if (!stopped.signal.aborted && (await tell(group, position))) wake();
      }
      await Promise.race([pause(pollMs, stopped.signal), woken]);
    }
    following = undefined;
  }

  /**
   * Sends the events after a position to the listeners there. If the read fails, listeners elsewhere still get theirs.
   * @returns true if one of them can take more, and there is more
   */
  async function tell(group: Listener[], position: string): Promise<boolean> {
    try {
      const events = await reads.eventsAfter(position, PAGE);
      if (events.length > 0) send(group, events, await buyersOf(group, events));
      return events.length === PAGE && group.some(({ response }) => !response.writableNeedDrain);
    } catch (error) {
      logger.debug({ err: error }, 'the outbox could not be read');
      return false;
    }
  }

  /** Where there is no room for a listener's page, it stays at its position until others have read. */
  function send(group: Listener[], events: TailedEvent[], buyers: ReadonlyMap<string, PlacedBy>): void {
    const all = events.map(frame).join('');
    let bytes = listeners.values().reduce((sum, { response }) => sum + response.writableLength, 0);
    for (const listener of group) {
      if (endIfOver(listener)) continue;
      const mayFollow = ({ event }: TailedEvent) => covers(listener.reach, buyers.get(event.order_id) ?? 'operator');
      const text = listener.reach === 'all' ? all : events.filter(mayFollow).map(frame).join('');
      bytes -= makeRoom(bytes + text.length - maxBufferedBytes);
      if (bytes > 0 && bytes + text.length > maxBufferedBytes) return;
      if (text !== '') write(listener.response, text);
      bytes += listener.response.writableLength;
      listener.position = events.at(-1)?.position ?? listener.position;
      listener.sentAtMs = performance.now();
    }
  }

  /** One query for all listeners that follow only some orders; none while there is no such listener. */
  async function buyersOf(group: Listener[], events: TailedEvent[]): Promise<ReadonlyMap<string, PlacedBy>> {
    if (group.every(({ reach }) => reach === 'all')) return new Map();
    return reads.placedBy([...new Set(events.map(({ event }) => event.order_id))]);
  }

  /** Ends the listeners that are furthest behind, as many as it takes. @returns the bytes that are free now */
  function makeRoom(wanted: number): number {
    let freed = 0;
    while (freed < wanted) {
      const stalled = [...listeners].filter(({ response }) => response.writableNeedDrain);
      const furthest = stalled.sort((a, b) => a.sentAtMs - b.sentAtMs)[0];
      if (!furthest || performance.now() - furthest.sentAtMs < STALLED_MS) return freed;
      freed += furthest.response.writableLength;
      end(furthest);
    }
    return freed;
  }

  function end(listener: Listener): void {
    listeners.delete(listener);
    listener.response.destroy();
  }

  /** @returns true if its token has ended; the client reconnects with a new one */
  function endIfOver(listener: Listener): boolean {
    if (listener.endsAt > Date.now()) return false;
    listeners.delete(listener);
    listener.response.end();
    return true;
  }

  function refuseWhenFull(): void {
    if (listeners.size < maxListeners) return;
    throw problem('OVERLOADED', 'Too many listeners.', { headers: { 'Retry-After': '5' } });
  }

  /** A position beyond the end is of another database, as it was before a restore: for long, nothing would follow it. */
  async function startOf(lastEventId: string | undefined): Promise<string> {
    if (lastEventId === undefined) return endOfEvents.read();
    const end = await endOfEvents.read().catch(() => lastEventId);
    return transactionOf(lastEventId) > transactionOf(end) ? end : lastEventId;
  }

  const handler: RequestHandler = async (req, res) => {
    const reach = reachOf(req);
    const lastEventId = commitPosition.safeParse(req.headers['last-event-id']);
    // Fixed before the first byte is sent, so the listener gets every event committed after it connected.
    refuseWhenFull();
    const position = await startOf(lastEventId.data);
    // No `await` below: a client that closed before we add it would never be removed.
    if (res.closed) return;
    refuseWhenFull();
    res.set({ 'Content-Type': 'text/event-stream', 'X-Accel-Buffering': 'no' });
    res.write('retry: 1000\n\n');
    if (stopped.signal.aborted || req.method === 'HEAD') return void res.end();
    const { endsAt = Number.POSITIVE_INFINITY } = req.principal;
    const listener = { response: res, reach, endsAt, position, sentAtMs: 0 };
    listeners.add(listener);
    const heartbeat = setInterval(() => {
      // A listener that has not read its page, or the end, since then never will; its place goes to another.
      if (res.writableNeedDrain || res.writableEnded) end(listener);
      else if (!endIfOver(listener)) write(res, ': alive\n\n');
    }, HEARTBEAT_MS);
    res.on('drain', () => wake());
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
