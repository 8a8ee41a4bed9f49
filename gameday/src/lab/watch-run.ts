import { join } from 'node:path';
import { pause } from '@valerix/service-kit/backoff';
import type { RequestHandler, Response } from 'express';
import type { RunLine } from '../run-folder/progress-lines.ts';
import { pointsOf, RunTail } from '../run-folder/tail-run.ts';
import { problem } from './errors.ts';
import type { Gamedays } from './gamedays.ts';

interface WatchOptions {
  runs: string;
  gamedays: Pick<Gamedays, 'find'>;
  /** The most watchers at once (I13). */
  maxWatchers: number;
  pollMs?: number;
}

const HEARTBEAT_MS = 15_000;
/** How often to check whether the process of a silent run still lives. */
const ALIVE_MS = 2_000;
/** A watcher this far behind is disconnected; it reconnects and gets a fresh snapshot. */
const MAX_BUFFERED_BYTES = 1_000_000;

/**
 * `GET /api/gamedays/:id/stream`: `snapshot` with everything so far, `progress` about once a second, and `ended` when the run
 * has a verdict or can no longer get one; then the stream ends.
 */
export function createWatch({ runs, gamedays, maxWatchers, pollMs = 400 }: WatchOptions) {
  const watchers = new Set<Response>();
  const stopped = new AbortController();

  const handler: RequestHandler<{ id: string }> = async (req, res) => {
    const { id } = req.params;
    const { gameday } = await gamedays.find(id);
    // A client that left during the await sends no `close` event any more: it would keep its place for ever.
    if (res.closed) return;
    if (watchers.size >= maxWatchers) {
      throw problem('OVERLOADED', 'There are too many watchers already.', { headers: { 'Retry-After': '5' } });
    }
    watchers.add(res);
    const gone = new AbortController();
    const heartbeat = setInterval(() => res.write(': alive\n\n'), HEARTBEAT_MS);
    res.once('close', () => {
      watchers.delete(res);
      gone.abort();
    });
    res.set({ 'Content-Type': 'text/event-stream', 'X-Accel-Buffering': 'no' });
    const tail = new RunTail(join(runs, id));
    try {
      res.write(`retry: 1000\n\n${frame('snapshot', { gameday, points: pointsOf(await tail.read()) })}`);
      const over = await follow(res, id, tail, AbortSignal.any([gone.signal, stopped.signal]));
      if (over) res.write(frame('ended', { gameday: (await gamedays.find(id)).gameday }));
    } finally {
      clearInterval(heartbeat);
      await tail.close();
      res.end();
    }
  };

  /** @returns true when the run is over, false when the client is gone or too slow */
  async function follow(res: Response, id: string, tail: RunTail, signal: AbortSignal): Promise<boolean> {
    let heardAt = 0;
    while (!signal.aborted) {
      if (performance.now() - heardAt > ALIVE_MS) {
        if ((await gamedays.find(id)).gameday.state !== 'running') return true;
        heardAt = performance.now();
      }
      await pause(pollMs, signal);
      const lines = await tail.read();
      if (lines.length > 0) heardAt = performance.now();
      if (res.writableLength > MAX_BUFFERED_BYTES) return false;
      res.write(lines.map(progressFrame).join(''));
      if (lines.some(({ type }) => type === 'end' || type === 'failed')) return true;
    }
    return false;
  }

  return {
    handler,
    /** Ends every stream; the clients reconnect when the laboratory runs again. */
    stop(): void {
      stopped.abort();
    },
  };
}

function progressFrame(line: RunLine): string {
  return line.type === 'progress' ? frame('progress', { progress: line.progress, point: line.point }) : '';
}

const frame = (event: string, data: unknown): string => `event: ${event}\ndata: ${JSON.stringify(data)}\n\n`;
