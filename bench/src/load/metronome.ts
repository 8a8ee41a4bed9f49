import { parentPort, Worker, workerData } from 'node:worker_threads';

/** The schedule of the beats, by the clock that all threads share. */
interface Beats {
  startNs: bigint;
  perSecond: number;
}

/**
 * Calls `beat` at the start and then `perSecond` times per second, a few tenths of a millisecond late. Node.js timers count
 * whole milliseconds, so they would add up to one millisecond to every latency.
 * @returns a function that ends the beats
 */
export function startMetronome(perSecond: number, beat: () => void): () => void {
  const worker = new Worker(new URL(import.meta.url), {
    workerData: { startNs: process.hrtime.bigint(), perSecond } satisfies Beats,
  });
  worker.on('message', beat);
  return () => void worker.terminate();
}

/** The thread that keeps time. It serves no event loop, so it can sleep exactly. */
function keepTime({ startNs, perSecond }: Beats): never {
  const cell = new Int32Array(new SharedArrayBuffer(4));
  for (let beats = 0; ; beats++) {
    const dueMs = (beats * 1000) / perSecond;
    const nowMs = Number(process.hrtime.bigint() - startNs) / 1e6;
    if (dueMs > nowMs) Atomics.wait(cell, 0, 0, dueMs - nowMs);
    parentPort?.postMessage(beats);
  }
}

if (parentPort) keepTime(workerData as Beats);
