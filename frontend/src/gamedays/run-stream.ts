import type { Gameday, GamedayDetail, GamedayPoint, GamedayTick } from '@valerix/contracts';
import { PageStream } from '../browser/page-stream.ts';

export interface LiveRun {
  readonly gameday: Gameday;
  readonly points: readonly GamedayPoint[];
  /** False while the laboratory is silent; the page then shows the last known state. */
  readonly connected: boolean;
}

/** Bounds the memory of an open page to a little over an hour of seconds. */
const MAX_POINTS = 4_000;

/** Follows `GET /api/gamedays/:id/stream` until the run ends; the returned function stops earlier. */
export function followRun(id: string, onChange: (run: LiveRun) => void): () => void {
  let run: LiveRun | null = null;
  const set = (next: LiveRun): void => {
    run = next;
    onChange(next);
  };
  const stream = new PageStream({
    path: `/api/gamedays/${id}/stream`,
    poll: `/api/gamedays/${id}`,
    on: {
      snapshot(json) {
        const data = json as GamedayDetail;
        set({ ...data, connected: true });
        if (data.gameday.state !== 'running') stream.close();
      },
      progress(json) {
        if (run === null) return;
        const { progress, point } = json as GamedayTick;
        const counts = { orders: progress.totals.placed, violations: progress.violations };
        set({
          gameday: { ...run.gameday, ...counts, progress },
          points: point ? [...run.points.slice(1 - MAX_POINTS), point] : run.points,
          connected: true,
        });
      },
      ended(json) {
        const { gameday } = json as Pick<GamedayDetail, 'gameday'>;
        if (run !== null) set({ ...run, gameday, connected: true });
        stream.close();
      },
    },
    onLost() {
      if (run !== null) set({ ...run, connected: false });
    },
  });
  return () => stream.close();
}
