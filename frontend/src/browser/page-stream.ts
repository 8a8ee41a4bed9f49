import type { Join, Told } from './shared-streams.ts';

/** A tab that is hidden this long takes no more part. */
const HIDDEN_MS = 30_000;
/** After this silence the page joins again. Longer than the worker waits for its own connection. */
const SILENCE_MS = 20_000;
const HERE_EVERY_MS = 10_000;
/** Without a shared worker, the page polls this often. */
const POLL_MS = 2_000;

interface PageStreamOptions extends Pick<Join, 'path' | 'poll'> {
  /** The listeners, by event name; `snapshot` comes first, and again after a gap. */
  readonly on: Readonly<Record<string, (data: unknown) => void>>;
  /** The connection was lost; the stream reconnects by itself. */
  readonly onLost: () => void;
}

/** Follows a stream of server-sent events while the tab is visible, until `close`. All tabs of a browser share one connection. */
export class PageStream {
  readonly #options: PageStreamOptions;
  #leave: (() => void) | null = null;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #silence: ReturnType<typeof setTimeout> | undefined;

  constructor(options: PageStreamOptions) {
    this.#options = options;
    document.addEventListener('visibilitychange', this.#visibility);
    window.addEventListener('pagehide', this.#disconnect);
    this.#visibility();
  }

  close(): void {
    document.removeEventListener('visibilitychange', this.#visibility);
    window.removeEventListener('pagehide', this.#disconnect);
    clearTimeout(this.#timer);
    this.#disconnect();
  }

  readonly #visibility = (): void => {
    clearTimeout(this.#timer);
    if (document.hidden) this.#timer = setTimeout(this.#disconnect, HIDDEN_MS);
    // A tab opened in the background takes part when it first becomes visible.
    else if (this.#leave === null) this.#join();
  };

  #join(): void {
    const { path, poll, on } = this.#options;
    const join = { path, poll, events: Object.keys(on) };
    this.#heard();
    this.#leave = joinShared(join, this.#tell, this.#again) ?? pollFor(join, this.#tell);
  }

  readonly #tell = (told: Told): void => {
    if (told === null) {
      this.#options.onLost();
      return;
    }
    this.#heard();
    this.#options.on[told[0]]?.(JSON.parse(told[1]));
  };

  readonly #again = (): void => {
    this.#disconnect();
    this.#join();
  };

  #heard(): void {
    clearTimeout(this.#silence);
    this.#silence = setTimeout(this.#again, SILENCE_MS);
  }

  readonly #disconnect = (): void => {
    clearTimeout(this.#silence);
    this.#leave?.();
    this.#leave = null;
  };
}

type Tell = (told: Told) => void;

/** False once the browser has shown that it runs no shared worker here. */
let canShare = typeof SharedWorker !== 'undefined';

/** Joins the shared worker's stream. @returns how to leave, or `null` where there is no such worker */
function joinShared(join: Join, tell: Tell, again: () => void): (() => void) | null {
  if (!canShare) return null;
  const worker = new SharedWorker(new URL('./stream-worker.ts', import.meta.url), { name: 'valerix streams' });
  worker.onerror = () => {
    canShare = false;
    again();
  };
  const { port } = worker;
  port.onmessage = ({ data }) => tell(data as Told);
  port.postMessage(join);
  const timer = setInterval(() => port.postMessage('here'), HERE_EVERY_MS);
  return () => {
    clearInterval(timer);
    port.onmessage = null;
    port.postMessage('leave');
  };
}

/** Reads the stream's snapshot again and again. @returns how to end it */
function pollFor({ poll }: Join, tell: Tell): () => void {
  const stopped = new AbortController();
  const read = async () => {
    try {
      const answer = await fetch(poll, { cache: 'no-store', signal: stopped.signal });
      if (!answer.ok) throw new Error(`answered ${answer.status}`);
      const text = await answer.text();
      if (!stopped.signal.aborted) tell(['snapshot', text]);
    } catch {
      if (!stopped.signal.aborted) tell(null);
    }
    if (!stopped.signal.aborted) timer = setTimeout(read, POLL_MS);
  };
  let timer: ReturnType<typeof setTimeout> | undefined;
  void read();
  return () => {
    stopped.abort();
    clearTimeout(timer);
  };
}
