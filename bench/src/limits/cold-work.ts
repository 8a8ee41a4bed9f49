/**
 * Measures the cost of a pause: repeats the same work at once, and after pauses in which its thread only waits.
 */
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { commandLine, readArguments } from '@valerix/local-stack/commands/command-line';
import { median } from '../measure/median.ts';

const PAUSES_MS = [0, 1, 2, 5, 10];
const SAMPLES = 200;
const WARMUP = 20_000;

/** Median microseconds by pause in milliseconds, measured in a new process. */
export async function coldWork(): Promise<Record<string, number>> {
  const { stdout } = await promisify(execFile)(process.execPath, [fileURLToPath(import.meta.url)]);
  return JSON.parse(stdout) as Record<string, number>;
}

const order = { items: [{ item_id: 'ps5', quantity: 2 }], note: 'x'.repeat(300) };

/** The work of a service on ten requests: parse, hash, write. */
function work(): void {
  for (let i = 0; i < 10; i++) {
    const body = JSON.stringify({ ...order, i });
    createHash('sha256')
      .update(JSON.stringify(JSON.parse(body)))
      .digest('base64url');
  }
}

// Busy waiting: the time to wake a sleeping thread would be part of the measurement.
function pause(ms: number): void {
  const end = performance.now() + ms;
  while (performance.now() < end);
}

function sample(pauseMs: number): number {
  pause(pauseMs);
  const start = performance.now();
  work();
  return (performance.now() - start) * 1000;
}

if (import.meta.main) {
  readArguments(
    commandLine('npx node bench/src/limits/cold-work.ts').description(
      'Measures the cost of a pause, and prints JSON: microseconds of the same work by the pause before it in milliseconds.',
    ),
  );
  for (let i = 0; i < WARMUP; i++) work();
  // The pauses take turns: a machine that slows down for a while slows all of them.
  const rounds = Array.from({ length: SAMPLES }, () => PAUSES_MS.map(sample));
  const medians = PAUSES_MS.map((ms, index) => [ms, median(rounds.map((round) => round[index] as number))]);
  console.log(JSON.stringify(Object.fromEntries(medians)));
}
