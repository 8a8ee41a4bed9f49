import { setTimeout as sleep } from 'node:timers/promises';
import { type OrderEvent, orderEvent, readLine } from '@valerix/contracts';
import { failureInWords } from '@valerix/service-kit/failure-in-words';
import { EVENTS_KEPT, type LiveState } from '../live/live-types.ts';
import { readEventStream, type ServerSentEvent } from './event-stream.ts';

/** The service sends a comment every 15 s, so a much longer silence means a dead connection. */
const SILENCE_MS = 40_000;
const CONNECT_MS = 5_000;
const MAX_BACKOFF_MS = 5_000;

/**
 * Follows the order service's stream of transitions once for all browsers, and resumes it after the last event. Keeps the
 * newest events for browsers that connect later.
 */
export class OrderFeed {
  readonly #base: () => string;
  readonly #token: string | null;
  readonly #onEvent: (event: OrderEvent) => void;
  readonly #stopped = new AbortController();
  #recent: OrderEvent[] = [];
  #lastId: string | null = null;
  #connected = false;
  #error: string | null = null;

  /**
   * @param base the address of a replica of the order service to connect to next
   * @param token shows that this is the dashboard, which follows the orders of all customers
   */
  constructor(base: () => string, token: string | null, onEvent: (event: OrderEvent) => void) {
    this.#base = base;
    this.#token = token;
    this.#onEvent = onEvent;
  }

  start(): void {
    void this.#follow();
  }

  stop(): void {
    this.#stopped.abort();
  }

  get recent(): readonly OrderEvent[] {
    return this.#recent;
  }

  get status(): LiveState['feed'] {
    return { connected: this.#connected, error: this.#error };
  }

  async #follow(): Promise<void> {
    let backoff = 250;
    while (!this.#stopped.signal.aborted) {
      const seen = this.#lastId;
      try {
        await this.#connection();
        this.#error = 'the stream ended';
      } catch (error) {
        this.#error = failureInWords(error, CONNECT_MS);
      }
      this.#connected = false;
      backoff = this.#lastId === seen ? Math.min(MAX_BACKOFF_MS, backoff * 2) : 250;
      await sleep(backoff, undefined, { signal: this.#stopped.signal, ref: false }).catch(() => undefined);
    }
  }

  async #connection(): Promise<void> {
    const silence = new AbortController();
    const signal = AbortSignal.any([this.#stopped.signal, silence.signal]);
    let timer = setTimeout(() => silence.abort(new DOMException('no answer', 'TimeoutError')), CONNECT_MS);
    const heard = () => {
      clearTimeout(timer);
      timer = setTimeout(() => silence.abort(new Error('the stream went silent')), SILENCE_MS);
      timer.unref();
    };
    try {
      const headers: Record<string, string> = { accept: 'text/event-stream' };
      if (this.#token !== null) headers.authorization = `Bearer ${this.#token}`;
      if (this.#lastId !== null) headers['last-event-id'] = this.#lastId;
      const response = await fetch(`${this.#base()}/api/orders/stream`, { signal, headers, cache: 'no-store' });
      if (!response.ok || response.body === null) throw new Error(`answered ${response.status}`);
      heard();
      this.#connected = true;
      this.#error = null;
      for await (const event of readEventStream(response.body, heard)) this.#accept(event);
    } finally {
      clearTimeout(timer);
      silence.abort();
    }
  }

  #accept({ data, id }: ServerSentEvent): void {
    const event = readLine(orderEvent, data);
    if (event === undefined) return;
    this.#lastId = id ?? this.#lastId;
    this.#recent = [...this.#recent.slice(-(EVENTS_KEPT - 1)), event];
    this.#onEvent(event);
  }
}
