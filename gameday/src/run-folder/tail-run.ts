import { type FileHandle, open } from 'node:fs/promises';
import { join } from 'node:path';
import type { GamedayPoint } from '@valerix/contracts';
import { parseRunLine, type RunLine } from './progress-lines.ts';
import { RUN_FILES } from './run-folder.ts';

const CHUNK_BYTES = 256 * 1024;

/** Follows the `progress.jsonl` of a run: each `read` returns the lines added since the last one. */
export class RunTail {
  readonly #path: string;
  #file: FileHandle | undefined;
  #at = 0;
  #rest = Buffer.alloc(0);

  constructor(folder: string) {
    this.#path = join(folder, RUN_FILES.progress);
  }

  /** Empty while there is nothing new, or no file. Keeps a torn line until it is complete. */
  async read(): Promise<RunLine[]> {
    this.#file ??= await open(this.#path).catch(() => undefined);
    if (!this.#file) return [];
    const lines: RunLine[] = [];
    for (;;) {
      const { bytesRead, buffer } = await this.#file.read(Buffer.alloc(CHUNK_BYTES), 0, CHUNK_BYTES, this.#at);
      if (bytesRead === 0) return lines;
      this.#at += bytesRead;
      const known = Buffer.concat([this.#rest, buffer.subarray(0, bytesRead)]);
      const end = known.lastIndexOf(10) + 1;
      this.#rest = Buffer.from(known.subarray(end));
      const texts = known.toString('utf8', 0, end).split('\n');
      lines.push(...texts.flatMap((text) => parseRunLine(text) ?? []));
    }
  }

  async close(): Promise<void> {
    await this.#file?.close();
  }
}

/** The points of a run's charts, at most so many: those of a long run are combined, with the worst latency and queue. */
export function pointsOf(lines: readonly RunLine[], most = 1_200): GamedayPoint[] {
  const points = lines.flatMap((line) => (line.type === 'progress' && line.point ? [line.point] : []));
  const size = Math.ceil(points.length / most);
  if (size <= 1) return points;
  return Array.from({ length: Math.ceil(points.length / size) }, (_, index) =>
    together(points.slice(index * size, (index + 1) * size)),
  );
}

function together(points: readonly GamedayPoint[]): GamedayPoint {
  const mean = (name: 'confirmed' | 'queued' | 'refused' | 'unknown') =>
    Math.round((points.reduce((sum, point) => sum + point[name], 0) / points.length) * 10) / 10;
  const worst = (name: 'p50_ms' | 'p99_ms' | 'queue') => {
    const known = points.flatMap(({ [name]: value }) => value ?? []);
    return known.length === 0 ? null : Math.max(...known);
  };
  return {
    t: points.at(-1)?.t ?? 0,
    confirmed: mean('confirmed'),
    queued: mean('queued'),
    refused: mean('refused'),
    unknown: mean('unknown'),
    p50_ms: worst('p50_ms'),
    p99_ms: worst('p99_ms'),
    queue: worst('queue'),
    faults: [...new Set(points.flatMap(({ faults }) => faults))],
  };
}
