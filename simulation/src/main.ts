import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { parseArgs } from 'node:util';
import { commandLine, exitCodeOf, wholeNumber } from '@valerix/local-stack/commands/command-line';
import { watchLineage } from './lineage.ts';
import { openDatabases } from './open-databases.ts';
import { type Databases, type Outcome, runScenario } from './run-scenario.ts';
import { calmScenario, drawScenario, type Scenario, type Settings } from './scenario.ts';
import { dropGuards } from './servers/databases-store.ts';
import { processorMs, shrink, sizeOf } from './shrink.ts';
import { readScenario, saveScenario, storyOf } from './story.ts';
import { SIMULATED } from './system.ts';
import { playSeeds, type SeedResult, type Traced } from './workers.ts';

/** How long a failing seed is shrunk, milliseconds of processor time. */
const SHRINK_MS = 55_000;
const FOLDER = join(import.meta.dirname, '../../.valerix/simulation');

/** The arguments of a process that plays seeds for the one that counts them. */
const WORK = {
  worker: { type: 'boolean' },
  from: { type: 'string' },
  to: { type: 'string' },
  step: { type: 'string' },
  calm: { type: 'boolean' },
  guards: { type: 'string' },
  settings: { type: 'string' },
  /** Plays the scenarios on standard input, one a line, each with one order, and says what it reached. */
  lineage: { type: 'boolean' },
} as const;

type WorkArgs = ReturnType<typeof parseArgs<{ options: typeof WORK }>>['values'];

interface Args {
  seed?: number;
  seeds: number;
  from: number;
  replay?: Scenario;
  calm?: boolean;
  whole?: boolean;
  guards?: string;
  settings?: string;
}

/** @returns the exit code: 1 if an invariant was broken, 2 for a mistake in the arguments */
export async function main(argv: string[]): Promise<number> {
  if (argv.includes('--worker')) return work(parseArgs({ args: argv, options: WORK }).values);
  let code = 0;
  const program = commandLine('npx node simulation/src/cli.ts')
    .description(
      'Plays the shipped services in worlds that a seed breaks, in one process with a time, a network and databases of its own.',
    )
    .option('--seeds <number>', 'how many to play, in as many processes as there are cores', wholeNumber, 100)
    .option('--from <number>', 'the first of them', wholeNumber, 1)
    .option(
      '--seed <number>',
      'play this one alone and tell it; of a failing one, the smallest part that still fails',
      wholeNumber,
    )
    .option('--replay <file>', 'play what a failing seed left', readScenario)
    .option('--whole', 'tell a failing run as it was')
    .option('--calm', 'break nothing')
    .option('--guards <json>', 'drop guards of the schemas first: SQL by service')
    .option('--settings <json>', 'set variables of the services: values by variable by service')
    .action(async (args: Args) => {
      const scenario = args.replay ?? (args.seed && scenarioOf(args.seed, args));
      code = scenario ? await playOne(scenario, args) : await playMany(args);
    });
  try {
    await program.parseAsync(argv, { from: 'user' });
    return code;
  } catch (error) {
    return exitCodeOf(error);
  }
}

const scenarioOf = (seed: number, args: { calm?: boolean; settings?: string }): Scenario =>
  withSettings(args.calm ? calmScenario(seed) : drawScenario(seed), args);

const withSettings = (scenario: Scenario, { settings }: { settings?: string }): Scenario =>
  settings ? { ...scenario, settings: JSON.parse(settings) as Settings } : scenario;

/** @param guards by service, the SQL that drops a constraint from its database, as JSON */
async function open(guards = '{}'): Promise<Databases> {
  const databases = await openDatabases();
  const dropped = JSON.parse(guards) as Partial<Record<string, string>>;
  for (const key of SIMULATED) if (dropped[key]) dropGuards(databases[key], dropped[key]);
  return databases;
}

/** Plays seeds for the process that counts them. */
async function work(args: WorkArgs): Promise<number> {
  const databases = await open(args.guards);
  if (args.lineage) return traceAll(databases, args);
  for (let seed = Number(args.from); seed < Number(args.to); seed += Number(args.step)) {
    const before = processorMs();
    const { hash, orders, worldMs, violations, faults } = await runScenario(scenarioOf(seed, args), databases);
    const ms = Math.round(processorMs() - before);
    const result: SeedResult = { seed, hash, orders, faults: Object.keys(faults).length, worldMs, ms, violations };
    process.stdout.write(`${JSON.stringify(result)}\n`);
  }
  return 0;
}

async function traceAll(databases: Databases, args: WorkArgs): Promise<number> {
  for await (const line of createInterface({ input: process.stdin })) {
    const scenario = withSettings(JSON.parse(line) as Scenario, args);
    const { observe, lineage } = watchLineage(scenario.operations[0]?.key ?? '');
    const { violations } = await runScenario(scenario, databases, observe);
    const traced: Traced = { ...lineage, violations };
    process.stdout.write(`${JSON.stringify(traced)}\n`);
  }
  return 0;
}

/** Plays one scenario. When it breaks an invariant, looks for the smallest one that does, tells it, and writes its file. */
async function playOne(scenario: Scenario, args: Args): Promise<number> {
  const databases = await open(args.guards);
  const outcome = await runScenario(scenario, databases);
  if (args.whole || outcome.violations.length === 0) {
    say(storyOf(outcome));
    say(summaryOf(scenario, outcome));
    return Number(outcome.violations.length > 0);
  }
  const started = processorMs();
  const shrunk = await shrink(scenario, outcome, databases, SHRINK_MS);
  const seconds = Math.round((processorMs() - started) / 1_000);
  say(storyOf(shrunk.outcome));
  mkdirSync(FOLDER, { recursive: true });
  const file = join(FOLDER, `seed-${scenario.seed}.json`);
  saveScenario(file, shrunk.scenario, shrunk.outcome);
  say(summaryOf(scenario, outcome));
  say(
    `shrunk to ${sizeOf(shrunk.scenario)} events in ${shrunk.runs} runs, ${seconds} s; play it again: make sim REPLAY=${file}`,
  );
  return 1;
}

const summaryOf = ({ seed }: Scenario, { hash, orders, faults, worldMs, violations }: Outcome): string =>
  `seed ${seed}: ${orders} orders, ${Object.keys(faults).length} messages with a fault, ${Math.round(worldMs / 1_000)} s of its time, ` +
  `${violations.length} violations, hash ${hash}`;

async function playMany({ from, seeds, calm, guards, settings }: Args): Promise<number> {
  const started = performance.now();
  const failed: SeedResult[] = [];
  const sum = { seeds: 0, orders: 0, faults: 0 };
  await playSeeds({
    from,
    count: seeds,
    args: [
      ...(calm ? ['--calm'] : []),
      ...(guards ? ['--guards', guards] : []),
      ...(settings ? ['--settings', settings] : []),
    ],
    onSeed(result) {
      sum.seeds++;
      sum.orders += result.orders;
      sum.faults += result.faults;
      if (result.violations.length > 0) {
        failed.push(result);
        const [first] = result.violations;
        say(`seed ${result.seed}: ${first?.invariant} ${first?.subject}: ${first?.detail}`);
      }
      return false;
    },
  });
  const seconds = (performance.now() - started) / 1_000;
  say(
    `${sum.seeds} seeds in ${seconds.toFixed(1)} s: ${sum.orders} orders, ${sum.faults} messages with a fault, ` +
      `${failed.length} seeds broke an invariant`,
  );
  for (const { seed } of failed.slice(0, 10)) say(`play it alone: make sim SEED=${seed}`);
  return failed.length > 0 ? 1 : 0;
}

function say(text: string): void {
  process.stdout.write(`${text}\n`);
}
