/** A tab that is hidden this long disconnects: browsers allow six connections per host, so six tabs would block a seventh. */
const HIDDEN_MS = 30_000;
const RECONNECT_MS = 2_000;
/** After this silence the page reconnects, because a browser can keep a dead connection for minutes. */
const SILENCE_MS = 15_000;

interface PageStreamOptions {
  path: string;
  /** The listeners, by event name. */
  on: Readonly<Record<string, (data: unknown) => void>>;
  /** The connection was lost; the stream reconnects by itself. */
  onLost: () => void;
}

/** Follows a stream of server-sent events while the tab is visible, until `close`. */
export class PageStream {
  readonly #options: PageStreamOptions;
  #source: EventSource | null = null;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #silence: ReturnType<typeof setTimeout> | undefined;

  constructor(options: PageStreamOptions) {
    this.#options = options;
    document.addEventListener('visibilitychange', this.#visibility);
    this.#visibility();
  }

  close(): void {
    document.removeEventListener('visibilitychange', this.#visibility);
    clearTimeout(this.#timer);
    this.#disconnect();
  }

  readonly #visibility = (): void => {
    clearTimeout(this.#timer);
    if (document.hidden) this.#timer = setTimeout(() => this.#disconnect(), HIDDEN_MS);
    // A tab opened in the background connects when it first becomes visible.
    else if (this.#source === null) this.#open();
  };

  #open(): void {
    const { path, on, onLost } = this.#options;
    const source = new EventSource(path);
    this.#source = source;
    this.#heard();
    for (const [name, listener] of Object.entries(on)) {
      source.addEventListener(name, (event) => {
        this.#heard();
        listener(JSON.parse(event.data));
      });
    }
    source.onerror = () => {
      if (this.#source !== source) return;
      onLost();
      // The browser reconnects by itself, unless the answer was an error.
      if (source.readyState !== EventSource.CLOSED) return;
      this.#disconnect();
      if (document.hidden) return;
      clearTimeout(this.#timer);
      this.#timer = setTimeout(() => this.#open(), RECONNECT_MS);
    };
  }

  #heard(): void {
    clearTimeout(this.#silence);
    this.#silence = setTimeout(() => {
      this.#disconnect();
      this.#open();
    }, SILENCE_MS);
  }

  #disconnect(): void {
    clearTimeout(this.#silence);
    this.#source?.close();
    this.#source = null;
  }
}
