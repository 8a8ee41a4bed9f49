import { parentPort, Worker, workerData } from 'node:worker_threads';

/**
 * Calls `beat` at the start and then `perSecond` times per second, a few tenths of a millisecond late. Node.js timers count
 * whole milliseconds, so they would add up to one millisecond to every latency.
 * @param beat gets the moment of the first beat, on the clock of `performance.now()`: the later ones are due at equal distances from it
 * @returns a function that ends the beats
 */
export function startMetronome(perSecond: number, beat: (startedAt: number) => void): () => void {
  const worker = new Worker(new URL(import.meta.url), { workerData: perSecond });
  worker.on('message', (startNs: bigint) => beat(performance.now() - millisecondsSince(startNs)));
  return () => void worker.terminate();
}

/** By the clock that all threads share. */
const millisecondsSince = (ns: bigint): number => Number(process.hrtime.bigint() - ns) / 1e6;

/** The thread that keeps time. It serves no event loop, so it can sleep exactly. */
function keepTime(perSecond: number): never {
  const startNs = process.hrtime.bigint();
  const cell = new Int32Array(new SharedArrayBuffer(4));
  for (let beats = 0; ; beats++) {
    const waitMs = (beats * 1000) / perSecond - millisecondsSince(startNs);
    if (waitMs > 0) Atomics.wait(cell, 0, 0, waitMs);
    parentPort?.postMessage(startNs);
  }
}

if (parentPort) keepTime(workerData as number);
