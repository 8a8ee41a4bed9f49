import { setTimeout as sleep } from 'node:timers/promises';
import type { BenchStack } from '../system/bench-stack.ts';
import { arm, type Situation } from './situations.ts';

export interface HaltResult {
  /** From the halt until no process that could be told has a fault or its effect, milliseconds. */
  ms: number;
  /** The processes that did not answer the halt. */
  untold: string[];
  /** From the end of the outage until those have none either, milliseconds; undefined when all were told. */
  untoldMs: number | undefined;
}

/** A halt is sent again to a process that does not answer for this long, milliseconds. */
const GIVE_UP_MS = 1_000;
/** Longer than anything that a halt leaves may last, milliseconds. */
const LIMIT_MS = 15_000;
const CHECK_EVERY_MS = 10;

const at = <T>(promise: Promise<T>): Promise<T | undefined> => promise.catch(() => undefined);
const processesOf = ({ stack }: BenchStack) => Object.values(stack.services).flatMap(({ urls }) => urls);

/** Arms, waits a random time, breaks what the situation breaks, halts everywhere, and watches each process until it is clean. */
export async function measureHalt(bench: BenchStack, situation: Situation): Promise<HaltResult> {
  await insist(() => control(bench, bench.url, '/rearm'));
  await insist(() => arm(bench, situation));
  await sleep(100 + Math.random() * 1_000);
  const heal = await situation.outage?.(bench);
  if (heal) await sleep(Math.random() * 300);

  const start = performance.now();
  const urls = processesOf(bench);
  const told = await Promise.all(urls.map((url) => tell(bench, url)));
  const untold = urls.filter((_, n) => !told[n]);
  const times = await Promise.all(urls.filter((_, n) => told[n]).map((url) => cleanAfter(url, start)));
  const ms = Math.max(0, ...times);

  const healed = performance.now();
  await heal?.();
  // All were dead or stopped: an operator halts again.
  if (untold.length === urls.length) await insist(() => Promise.any(urls.map((url) => control(bench, url, '/halt'))));
  const late = await Promise.all(urls.map((url) => cleanAfter(url, healed)));
  return { ms, untold, untoldMs: untold.length > 0 ? Math.max(...late) : undefined };
}

/** Halts through one process, again until it answers. @returns false when it does not within a second */
async function tell(bench: BenchStack, url: string): Promise<boolean> {
  for (const end = performance.now() + GIVE_UP_MS; performance.now() < end; await sleep(25)) {
    const status = await at(control(bench, url, '/halt', end - performance.now()));
    // 503: halted in this process, and Redis or the audit was away.
    if (status === 200 || status === 503) return true;
  }
  return false;
}

async function control(bench: BenchStack, url: string, path: string, timeoutMs = 5_000): Promise<number> {
  const { status } = await fetch(`${url}/api/admin/chaos${path}`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', Authorization: `Bearer ${bench.stack.operatorToken}` },
    body: JSON.stringify({ by: 'bench', reason: 'a halt is measured' }),
    signal: AbortSignal.timeout(Math.max(1, Math.ceil(timeoutMs))),
  });
  return status;
}

/** How long after `start` the process has no fault in force and answers, milliseconds. @throws Error when it never does */
async function cleanAfter(url: string, start: number): Promise<number> {
  for (; performance.now() - start < LIMIT_MS; await sleep(CHECK_EVERY_MS)) {
    // A process that stands still does not answer this.
    const response = await at(fetch(`${url}/metrics`, { signal: AbortSignal.timeout(500) }));
    const text = response && (await at(response.text()));
    const enabled = text?.match(/^chaos_enabled\{.*\} (\d+)$/gm)?.map((line) => Number(line.split(' ')[1]));
    if (enabled?.every((n) => n === 0)) return performance.now() - start;
  }
  throw new Error(`${url} was not clean ${LIMIT_MS / 1_000} s after the halt`);
}

async function insist(work: () => Promise<unknown>): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    try {
      await work();
      return;
    } catch (error) {
      if (attempt === 40) throw error;
      await sleep(250);
    }
  }
}
