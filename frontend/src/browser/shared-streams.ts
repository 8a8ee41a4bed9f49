import { EventConnection } from './event-connection.ts';

/** What a page asks for, once per port. */
export interface Join {
  readonly path: string;
  /** Answers with the data of the stream's first event, `snapshot`. */
  readonly poll: string;
  readonly events: readonly string[];
}

/** What a page gets: an event of the stream, or `null` when the connection was lost. */
export type Told = readonly [name: string, data: string] | null;

/** The part of a MessagePort that is used here. */
export interface Port {
  onmessage: ((event: { data: Join | 'here' | 'leave' }) => void) | null;
  postMessage(told: Told): void;
  close(): void;
}

/** A page says that it is here at least every 10 s. One that died without a word is forgotten after this. */
const FORGOTTEN_AFTER_MS = 45_000;
const LOOK_EVERY_MS = 10_000;

interface Stream {
  readonly connection: EventConnection;
  /** The pages, and when each was last heard. */
  readonly ports: Map<Port, number>;
}

/** Holds one connection per stream for all pages of a browser, which opens six to a host and would block a seventh page. */
export class SharedStreams {
  readonly #streams = new Map<string, Stream>();

  constructor() {
    setInterval(() => this.#forgetDead(), LOOK_EVERY_MS);
  }

  /** The number of open connections. */
  get open(): number {
    return this.#streams.size;
  }

  connect(port: Port): void {
    let path = '';
    port.onmessage = ({ data }) => {
      if (data === 'leave') this.#leave(path, port);
      else if (data === 'here') this.#streams.get(path)?.ports.set(port, Date.now());
      else {
        path = data.path;
        this.#join(data, port);
      }
    };
  }

  #join({ path, poll, events }: Join, port: Port): void {
    const known = this.#streams.get(path);
    const stream = known ?? this.#start(path, events);
    stream.ports.set(port, Date.now());
    // The connection sends its snapshot only once. Events that come before this one are part of it.
    if (known) void snapshotOf(poll).then((data) => port.postMessage(data === null ? null : ['snapshot', data]));
  }

  #start(path: string, events: readonly string[]): Stream {
    const ports = new Map<Port, number>();
    const tell = (told: Told) => {
      for (const port of ports.keys()) port.postMessage(told);
    };
    const connection = new EventConnection({
      path,
      events,
      onEvent: (name, data) => tell([name, data]),
      onLost: () => tell(null),
    });
    const stream = { connection, ports };
    this.#streams.set(path, stream);
    return stream;
  }

  #leave(path: string, port: Port): void {
    const stream = this.#streams.get(path);
    stream?.ports.delete(port);
    port.close();
    if (stream?.ports.size !== 0) return;
    stream.connection.close();
    this.#streams.delete(path);
  }

  #forgetDead(): void {
    const limit = Date.now() - FORGOTTEN_AFTER_MS;
    for (const [path, { ports }] of this.#streams) {
      for (const [port, heardAt] of ports) if (heardAt < limit) this.#leave(path, port);
    }
  }
}

/** The text of the answer; `null` without a good one. */
async function snapshotOf(path: string): Promise<string | null> {
  try {
    const answer = await fetch(path, { cache: 'no-store' });
    return answer.ok ? await answer.text() : null;
  } catch {
    return null;
  }
}
