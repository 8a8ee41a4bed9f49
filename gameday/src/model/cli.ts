import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { carryOut, commandLine } from '@valerix/local-stack/commands/command-line';
import { grouped } from '../report/html.ts';
import { type Done, JOBS, type Job } from './jobs.ts';

const PATHS = join(import.meta.dirname, '../checker/paths.generated.json');
/** Each holds the states of one search: up to three gigabytes. */
const THREADS = 2;
const MEGABYTES = 6_144;

const done = new Map<Job, Done>();
const waiting = [...JOBS];

/** Takes one job after the other. */
async function work(): Promise<void> {
  const worker = new Worker(new URL('./worker.ts', import.meta.url), {
    resourceLimits: { maxOldGenerationSizeMb: MEGABYTES },
  });
  for (let job = waiting.shift(); job; job = waiting.shift()) {
    worker.postMessage(job);
    const [result] = (await once(worker, 'message')) as [Done];
    done.set(job, result);
    if (job.kind === 'setting') tellSetting(job, result);
  }
  await worker.terminate();
}

function tellSetting({ name }: Job, result: Done): void {
  const { states, transitions, seconds, found } = result;
  const sizes = `${grouped(states)} states, ${grouped(transitions)} transitions, ${seconds.toFixed(1)} s of CPU`;
  console.log(`${found ? 'BROKEN' : 'holds '}  ${name}: ${sizes}`);
  tell(result);
}

/** Prints the first violation as a story. */
function tell({ found }: Done): void {
  for (const [number, step] of found?.story.entries() ?? []) console.log(`      ${number + 1}. ${step}`);
  for (const { invariant, detail } of found?.violations ?? []) console.log(`      => ${invariant}: ${detail}`);
}

/** True if the rules hold in a setting, or if a sabotage is caught. */
const isGood = ({ kind, caughtBy }: Job, { found }: Done): boolean =>
  kind === 'sabotage'
    ? (found?.violations.some(({ invariant }) => invariant === caughtBy) ?? false)
    : found === undefined;

/** @returns the exit code: 1 if the rules break in a setting, or a sabotage is missed */
async function main(): Promise<number> {
  const started = performance.now();
  await Promise.all(Array.from({ length: THREADS }, work));

  console.log('\nEach rule, taken out: a way to the violation with the fewest faults.');
  for (const job of JOBS) {
    const result = done.get(job);
    if (job.kind !== 'sabotage' || !result) continue;
    console.log(`\n${isGood(job, result) ? 'caught' : 'MISSED'}  ${job.caughtBy}  ${job.name}`);
    tell(result);
  }

  const broken = [...done].some(([job, result]) => !isGood(job, result));
  const paths = new Set([...done.values()].flatMap((result) => result.paths));
  if (!broken) writeFileSync(PATHS, `${JSON.stringify([...paths].sort(), null, 2)}\n`);
  console.log(`\n${paths.size} paths of an order; ${((performance.now() - started) / 1000).toFixed(0)} s.`);
  return broken ? 1 : 0;
}

const program = commandLine('npx node gameday/src/model/cli.ts')
  .description(
    'Searches every state that the rules allow for one or two orders, and tells how each sabotage of a rule breaks them. Writes the paths of ' +
      'an order, by which the checker judges real ones.',
  )
  .action(async () => {
    process.exitCode = await main();
  });
await carryOut(program);
