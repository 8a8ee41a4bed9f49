import { setTimeout as sleep } from 'node:timers/promises';
import type { BenchStack } from '../system/bench-stack.ts';
import { arm, type Situation } from './situations.ts';

export interface HaltResult {
  /** Milliseconds from the halt until no process that answered it has a fault or its effect. */
  ms: number;
  /** The processes that did not answer the halt. */
  untold: string[];
  /** Milliseconds from the end of the outage until the untold processes have none either; undefined if all were told. */
  untoldMs: number | undefined;
}

/** For this long, milliseconds, the halt is sent again to a process that does not answer. */
const GIVE_UP_MS = 1_000;
/** The longest time, in milliseconds, that an effect may outlast the halt. */
const LIMIT_MS = 15_000;
const CHECK_EVERY_MS = 10;

const at = <T>(promise: Promise<T>): Promise<T | undefined> => promise.catch(() => undefined);
const processesOf = ({ stack }: BenchStack) => Object.values(stack.services).flatMap(({ urls }) => urls);

/** Arms the fault, waits a random time, starts the outage, halts every process, and watches each until it is clean. */
export async function measureHalt(bench: BenchStack, situation: Situation): Promise<HaltResult> {
  await insist(async () => {
    // Answers 503 while Redis is coming back.
    if ((await control(bench, bench.url, '/rearm')) !== 200) throw new Error('chaos was not re-armed');
    await arm(bench, situation);
  });
  await sleep(100 + Math.random() * 1_000);
  const heal = await situation.outage?.(bench);
  if (heal) await sleep(Math.random() * 300);

  const start = performance.now();
  const urls = processesOf(bench);
  const times = await Promise.all(
    urls.map(async (url) => {
      // Watched from the start: a halt's answer waits for the other processes.
      const clean = cleanAfter(url, start);
      clean.catch(() => {});
      return (await tell(bench, url)) ? clean : undefined;
    }),
  );
  const untold = urls.filter((_, n) => times[n] === undefined);
  const ms = Math.max(0, ...times.filter((time) => time !== undefined));

  const healed = performance.now();
  await heal?.();
  // No process was told, so an operator would halt again.
  if (untold.length === urls.length) await insist(() => Promise.any(urls.map((url) => control(bench, url, '/halt'))));
  const late = await Promise.all(urls.map((url) => cleanAfter(url, healed)));
  return { ms, untold, untoldMs: untold.length > 0 ? Math.max(...late) : undefined };
}

/** Sends the halt to one process until it answers. @returns false if it does not answer within a second */
async function tell(bench: BenchStack, url: string): Promise<boolean> {
  for (const end = performance.now() + GIVE_UP_MS; performance.now() < end; await sleep(25)) {
    const status = await at(control(bench, url, '/halt', end - performance.now()));
    // 503: this process has halted, but could not reach Redis or record the audit.
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

/** Milliseconds from `start` until the process answers and has no active fault. @throws Error after 15 s */
async function cleanAfter(url: string, start: number): Promise<number> {
  for (; performance.now() - start < LIMIT_MS; await sleep(CHECK_EVERY_MS)) {
    // A frozen process does not answer this.
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
