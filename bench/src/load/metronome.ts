import { parentPort, Worker, workerData } from 'node:worker_threads';

/** When to beat, by the clock that all threads share. */
interface Beats {
  startNs: bigint;
  perSecond: number;
}

/**
 * Calls `beat` at the start and then `perSecond` times a second, some tenths of a millisecond late. Node.js's timers count whole
 * milliseconds: they are late by up to one, and that would be a part of every latency.
 * @returns what ends it
 */
export function startMetronome(perSecond: number, beat: () => void): () => void {
  const worker = new Worker(new URL(import.meta.url), {
    workerData: { startNs: process.hrtime.bigint(), perSecond } satisfies Beats,
  });
  worker.on('message', beat);
  return () => void worker.terminate();
}

/** The thread that keeps the time: it sleeps exactly, since it has nothing else to listen to. */
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
