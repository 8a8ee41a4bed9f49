import { type Gameday, type GamedayPoint, gamedayAnswer, gamedayDetail, gamedayTick } from '@valerix/contracts';

/** A run as it goes on. */
export interface LiveRun {
  readonly gameday: Gameday;
  readonly points: readonly GamedayPoint[];
  /** False while the laboratory cannot be heard: what is shown is then what was heard last. */
  readonly connected: boolean;
}

/** A page left open must not fill the memory: more than an hour of seconds is not kept. */
const MAX_POINTS = 4_000;
const RECONNECT_MS = 2_000;
/** A hidden tab gives its connection back: browsers allow six per host. */
const HIDDEN_MS = 30_000;

/** Follows `GET /api/gamedays/:id/stream` until the run is over, or `close`. A lost connection is made again by itself. */
export class RunStream {
  readonly #path: string;
  readonly #onChange: (run: LiveRun) => void;
  #run: LiveRun | null = null;
  #source: EventSource | null = null;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(id: string, onChange: (run: LiveRun) => void) {
    this.#path = `/api/gamedays/${id}/stream`;
    this.#onChange = onChange;
    document.addEventListener('visibilitychange', this.#visibility);
    this.#open();
  }

  close(): void {
    document.removeEventListener('visibilitychange', this.#visibility);
    clearTimeout(this.#timer);
    this.#end();
  }

  readonly #visibility = (): void => {
    clearTimeout(this.#timer);
    if (document.hidden) this.#timer = setTimeout(() => this.#end(), HIDDEN_MS);
    else if (this.#source === null) this.#open();
  };

  #open(): void {
    const source = new EventSource(this.#path);
    this.#source = source;
    source.addEventListener('snapshot', (event) => {
      const { data } = gamedayDetail.safeParse(JSON.parse(event.data));
      if (data) this.#set({ ...data, connected: true });
    });
    source.addEventListener('progress', (event) => {
      const { data } = gamedayTick.safeParse(JSON.parse(event.data));
      if (!data || this.#run === null) return;
      const { gameday, points } = this.#run;
      const { progress, point } = data;
      const counts = { orders: progress.totals.placed, violations: progress.violations };
      this.#set({
        gameday: { ...gameday, ...counts, progress },
        points: point ? [...points.slice(1 - MAX_POINTS), point] : points,
        connected: true,
      });
    });
    source.addEventListener('ended', (event) => {
      const { data } = gamedayAnswer.safeParse(JSON.parse(event.data));
      if (data && this.#run !== null) this.#set({ ...this.#run, gameday: data.gameday, connected: true });
      this.close();
    });
    source.onerror = () => {
      if (this.#source !== source) return;
      if (this.#run !== null) this.#set({ ...this.#run, connected: false });
      // The browser tries again by itself, unless the answer was an error.
      if (source.readyState !== EventSource.CLOSED) return;
      this.#end();
      this.#timer = setTimeout(() => this.#open(), RECONNECT_MS);
    };
  }

  #end(): void {
    this.#source?.close();
    this.#source = null;
  }

  #set(run: LiveRun): void {
    this.#run = run;
    this.#onChange(run);
  }
}
