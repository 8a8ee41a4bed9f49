import { StringDecoder } from 'node:string_decoder';
import { type Dispatcher, Pool } from 'undici';

export interface HttpClientOptions {
  /** A path in it comes before that of each request. */
  url: string;
  /** How long a request may take in all, milliseconds. */
  timeoutMs: number;
  /** The most requests at once; others wait for a connection (I13). */
  connections: number;
}

export interface HttpAsked {
  method: 'GET' | 'POST';
  path: string;
  headers: Record<string, string>;
  body?: string | undefined;
}

export interface HttpAnswer {
  status: number;
  text: string;
}

/**
 * Small requests to one server over kept connections. undici's `request` with a signal takes three times the CPU, and keeps each
 * request until V8's next full collection (docs/performance.md, "What outlives its request").
 * @returns a function that asks once, and throws if no whole answer came in time
 */
export function createHttpClient({ url, timeoutMs, connections }: HttpClientOptions) {
  const { origin, pathname } = new URL(url);
  const prefix = pathname === '/' ? '' : pathname;
  // The time limit of each request covers its headers and its body. A connection that hangs must not keep its place in the pool longer.
  const connect = { timeout: timeoutMs };
  const pool = new Pool(origin, { connections, connect, headersTimeout: 0, bodyTimeout: 0 });
  return ({ path, body, ...asked }: HttpAsked): Promise<HttpAnswer> =>
    new Promise((resolve, reject) => {
      const exchange = new Exchange(resolve, reject);
      exchange.limit(timeoutMs);
      pool.dispatch({ ...asked, path: prefix + path, body: body ?? null }, exchange);
    });
}

class Exchange implements Dispatcher.DispatchHandler {
  readonly #resolve: (answer: HttpAnswer) => void;
  readonly #reject: (error: Error) => void;
  readonly #decoder = new StringDecoder('utf8');
  #controller: Dispatcher.DispatchController | undefined;
  #timer: NodeJS.Timeout | undefined;
  #late: Error | undefined;
  #status = 0;
  #text = '';

  constructor(resolve: (answer: HttpAnswer) => void, reject: (error: Error) => void) {
    this.#resolve = resolve;
    this.#reject = reject;
  }

  limit(ms: number): void {
    this.#timer = setTimeout(() => {
      this.#late = new Error(`no answer within ${ms} ms`);
      this.#reject(this.#late);
      this.#controller?.abort(this.#late);
    }, ms);
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller;
    if (this.#late) controller.abort(this.#late);
  }

  onResponseStart(_controller: Dispatcher.DispatchController, status: number): void {
    this.#status = status;
  }

  onResponseData(_controller: Dispatcher.DispatchController, chunk: Buffer): void {
    this.#text += this.#decoder.write(chunk);
  }

  onResponseEnd(): void {
    clearTimeout(this.#timer);
    this.#resolve({ status: this.#status, text: this.#text });
  }

  onResponseError(_controller: Dispatcher.DispatchController | null, error: Error): void {
    clearTimeout(this.#timer);
    this.#reject(error);
  }
}
