const RECONNECT_MS = 2_000;
/** After this silence it reconnects, because a browser can keep a dead connection for minutes. */
const SILENCE_MS = 15_000;

export interface EventConnectionOptions {
  readonly path: string;
  /** The names of the events to pass on. */
  readonly events: readonly string[];
  readonly onEvent: (name: string, data: string) => void;
  /** The connection was lost; it reconnects by itself. */
  readonly onLost: () => void;
}

/** Follows a stream of server-sent events, whatever ends it, until `close`. */
export class EventConnection {
  readonly #options: EventConnectionOptions;
  #source: EventSource | null = null;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #silence: ReturnType<typeof setTimeout> | undefined;

  constructor(options: EventConnectionOptions) {
    this.#options = options;
    this.#open();
  }

  close(): void {
    clearTimeout(this.#timer);
    clearTimeout(this.#silence);
    this.#source?.close();
    this.#source = null;
  }

  #open(): void {
    const { path, events, onEvent, onLost } = this.#options;
    const source = new EventSource(path);
    this.#source = source;
    this.#heard();
    for (const name of events) {
      source.addEventListener(name, (event) => {
        this.#heard();
        onEvent(name, event.data as string);
      });
    }
    source.onerror = () => {
      if (this.#source !== source) return;
      onLost();
      // The browser reconnects by itself, unless the answer was an error.
      if (source.readyState !== EventSource.CLOSED) return;
      this.close();
      this.#timer = setTimeout(() => this.#open(), RECONNECT_MS);
    };
  }

  #heard(): void {
    clearTimeout(this.#silence);
    this.#silence = setTimeout(() => {
      this.close();
      this.#open();
    }, SILENCE_MS);
  }
}
