import { loadavg } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Case, openCases } from './cases.ts';
import type { BenchConfig } from './config.ts';
import { coldWork } from './limits/cold-work.ts';
import { currentCommit, describeMachine } from './machine.ts';
import type { Measurement } from './measure/measure.ts';
import { median, medianOf } from './measure/median.ts';
import { memoryOf } from './measure/process-stats.ts';
import type { BenchResult, Measured, Rate } from './result.ts';
import { type BenchStack, startBenchStack } from './system/bench-stack.ts';
import { measureChaos, measureSettling } from './system/drain.ts';
import { measureGrowth } from './system/growth.ts';

type Say = (text: string) => void;

const IDLE_MS = 15_000;

/** Measures everything on a new stack, which it always stops. @throws the signal's reason once it aborts */
export async function runBench(config: BenchConfig, say: Say, signal: AbortSignal): Promise<BenchResult> {
  const load_before = loadavg()[0] as number;
  const bench = await startBenchStack({ signal });
  try {
    return await Promise.race([measureAll(bench, config, load_before, say), rejectedBy(signal)]);
  } finally {
    await bench.stop();
  }
}

function rejectedBy(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    if (signal.aborted) reject(signal.reason);
    else signal.addEventListener('abort', () => reject(signal.reason), { once: true });
  });
}

async function measureAll(bench: BenchStack, config: BenchConfig, load_before: number, say: Say): Promise<BenchResult> {
  await bench.restock();
  const start = memoryNow(bench);
  say('the same work after a pause');
  const cold_work = await coldWork();
  const { measured, memory } = await runRounds(bench, config, say);
  const statements = await bench.database.topStatements(8);
  say('settling queued orders');
  const settle = await measureSettling(bench, config.queued);
  say(`growth to ${config.many} orders`);
  const { growth, reads } = await measureGrowth(bench, config);
  say('standard chaos');
  const chaos = await measureChaos(bench, config);
  await sleep(config.quick ? 1_000 : IDLE_MS);
  return {
    date: new Date().toISOString(),
    commit: currentCommit(),
    command: `make bench${config.quick ? ' QUICK=1' : ''}`,
    quick: config.quick,
    runs: config.runs,
    machine: await describeMachine(bench),
    load_before,
    measured: { ...measured, ...reads },
    cold_work,
    settle,
    chaos,
    growth,
    memory: { start, ...memory, after: memoryNow(bench) },
    statements,
  };
}

function memoryNow(bench: BenchStack): Record<string, number> {
  return Object.fromEntries(bench.processes.map((each) => [each.name, memoryOf(each)]));
}

/** Runs all cases once per round, so that values to compare are measured within the same minutes. */
async function runRounds(bench: BenchStack, config: BenchConfig, say: Say) {
  const cases = await openCases(bench, config);
  const runs = new Map<string, (Measurement | Rate)[]>(cases.list.map(({ id }) => [id, []]));
  const underLoad: Record<string, number>[] = [];
  try {
    for (let round = 1; round <= config.runs; round++) {
      for (const each of cases.list) {
        const measurement = await each.run();
        runs.get(each.id)?.push(measurement);
        say(`${round}/${config.runs} ${summary(each, measurement)}`);
        if (each.id === 'closed-100') underLoad.push((measurement as Measurement).memory_mb);
      }
    }
  } finally {
    await cases.stop();
  }
  const measured = Object.fromEntries([...runs].map(([id, list]) => [id, medianOfAny(list)]));
  return { measured, memory: { load_first: underLoad[0] ?? {}, load_last: underLoad.at(-1) ?? {} } };
}

function medianOfAny(runs: (Measurement | Rate)[]): Measured {
  if (!('cpu_us' in (runs[0] ?? {}))) return { per_second: median(runs.map((run) => run.per_second)) };
  return medianOf(runs as Measurement[]);
}

function summary({ id }: Case, measurement: Measurement | Rate): string {
  const latency = 'latency_ms' in measurement ? `, p95 ${measurement.latency_ms.p95.toFixed(1)} ms` : '';
  const statuses = 'statuses' in measurement ? ` ${JSON.stringify(measurement.statuses)}` : '';
  return `${id}: ${Math.round(measurement.per_second)}/s${latency}${statuses}`;
}
