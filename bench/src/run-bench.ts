import { setTimeout as sleep } from 'node:timers/promises';
import { openCases } from './cases.ts';
import type { BenchConfig } from './config.ts';
import { coldWork } from './limits/cold-work.ts';
import type { Measurement } from './measure/measure.ts';
import { memoryOf } from './measure/process-stats.ts';
import { startFacts } from './on-bench-stack.ts';
import type { BenchResult } from './result.ts';
import { runRounds } from './run-rounds.ts';
import type { BenchStack } from './system/bench-stack.ts';
import { measureChaos, measureSettling } from './system/drain.ts';
import { measureGrowth } from './system/growth.ts';

type Say = (text: string) => void;

const IDLE_MS = 15_000;

/** Measures the limits and the system: `make bench`. */
export async function runBench(bench: BenchStack, config: BenchConfig, say: Say): Promise<BenchResult> {
  const facts = startFacts(config, 'make bench');
  const start = memoryNow(bench);
  say('the same work after a pause');
  const cold_work = await coldWork();
  const { measured, memory } = await runCases(bench, config, say);
  const statements = await bench.database.topStatements(8);
  say('settling queued orders');
  const settle = await measureSettling(bench, config.queued);
  say(`growth to ${config.many} orders`);
  const { growth, reads } = await measureGrowth(bench, config);
  say('standard chaos');
  const chaos = await measureChaos(bench, config);
  await sleep(config.quick ? 1_000 : IDLE_MS);
  return {
    ...(await facts(bench, { ...measured, ...reads })),
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

async function runCases(bench: BenchStack, config: BenchConfig, say: Say) {
  const cases = await openCases(bench, config);
  const underLoad: Record<string, number>[] = [];
  try {
    const measured = await runRounds(cases.list, config.runs, say, (id, taken) => {
      if (id === 'closed-100') underLoad.push((taken as Measurement).memory_mb);
    });
    return { measured, memory: { load_first: underLoad[0] ?? {}, load_last: underLoad.at(-1) ?? {} } };
  } finally {
    await cases.stop();
  }
}
