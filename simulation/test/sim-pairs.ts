import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { carryOut, commandLine, wholeNumber } from '@valerix/local-stack/commands/command-line';
import { saveScenario } from '../src/story.ts';
import { startTracers } from '../src/workers.ts';
import { writeBetween } from './document.ts';
import { type Broken, type Coverage, playPairs, STORIES, type Story, scenarioOf } from './fault-pairs.ts';
import { PLANTED, type Planted, planting, TWO_FAULTS } from './planted.ts';

const FOLDER = join(import.meta.dirname, '../../.valerix/simulation');

interface Args {
  minutes: number;
  only?: string;
  planted?: string;
  workers?: number;
}

/**
 * @returns 1 if a fault, or a pair of them, broke the shipped services; or if a planted fault was found by a single one, or by no pair of all.
 * When the time is up before a pair finds it, the run says nothing about it.
 */
async function main({ minutes, only = '', planted, workers }: Args): Promise<number> {
  const stories = (Object.keys(STORIES) as Story[]).filter((story) => story.includes(only));
  const limitMs = minutes * 60_000;
  if (planted !== undefined) {
    const wanted = [...TWO_FAULTS, ...PLANTED].filter(({ name }) => name.includes(planted));
    for (const one of wanted) for (const story of stories) say((await findTwo(one, story, limitMs, workers)).row);
    return 0;
  }
  const coverages: Coverage[] = [];
  const found: Awaited<ReturnType<typeof findTwo>>[] = [];
  const tables = (): string =>
    [tableOf(coverages), '', leftOutOf(coverages), '', plantedTable(found.map(({ row }) => row))].join('\n');
  // After each row: an interrupted run keeps what it has.
  const keep = () => only === '' && writeBetween('pairs', tables());
  await cover(stories, limitMs, workers, (coverage) => {
    coverages.push(coverage);
    keep();
  });
  for (const one of only === '' ? TWO_FAULTS : []) {
    found.push(await findTwo(one, one.story, limitMs, workers));
    keep();
  }
  say(tables());
  const isBroken = coverages.some(
    ({ brokenBySingle, brokenByPair }) => brokenBySingle.length + brokenByPair.length > 0,
  );
  return Number(isBroken || found.some(({ isWrong }) => isWrong));
}

async function cover(
  stories: readonly Story[],
  limitMs: number,
  workers: number | undefined,
  onCovered: (coverage: Coverage) => void,
): Promise<void> {
  const tracers = startTracers({ ...(workers && { workers }) });
  try {
    for (const story of stories) {
      const coverage = await playPairs(story, tracers, limitMs);
      onCovered(coverage);
      for (const broken of [...coverage.brokenBySingle, ...coverage.brokenByPair].slice(0, 10)) tell(story, broken);
      say(rowOf(coverage));
    }
  } finally {
    tracers.stop();
  }
}

/** Plants a fault, and looks for it with every single fault, then with pairs until one finds it. */
async function findTwo(planted: Planted, story: Story, limitMs: number, workers?: number) {
  const { name } = planted;
  const tracers = startTracers({ ...(workers && { workers }), ...planting(planted) });
  try {
    const coverage = await playPairs(story, tracers, limitMs, true);
    const { singles, brokenBySingle, brokenByPair, pairs, pairsPlayed } = coverage;
    const [pair] = brokenByPair;
    if (pair) tell(story, pair, name);
    const bySingles = brokenBySingle.length === 0 ? `none of ${singles}` : `${brokenBySingle.length} of ${singles}`;
    const rules = [...new Set(pair?.violations.map(({ invariant }) => invariant))].join(', ');
    const byPair = pair
      ? `pair ${pairsPlayed}: ${inWords(pair)} (${rules})`
      : `not in ${pairsPlayed} of ${pairs} pairs`;
    return {
      row: `| ${name} | ${story} | ${bySingles} | ${byPair} |`,
      isWrong: brokenBySingle.length > 0 || (!pair && pairsPlayed === pairs),
    };
  } finally {
    tracers.stop();
  }
}

const inWords = ({ faults }: Broken): string =>
  Object.entries(faults)
    .map(([point, { kind }]) => `\`${point}\` ${kind}`)
    .join(', then ');

/** Says what broke, and saves the scenario, without its story. `make sim REPLAY=…` plays it on the shipped services. */
function tell(story: Story, broken: Broken, planted?: string): void {
  const points = Object.keys(broken.faults).join(' ');
  mkdirSync(FOLDER, { recursive: true });
  const file = join(FOLDER, `pair-${`${story} ${points}`.replaceAll(/[^\w#]+/g, '-').slice(0, 120)}.json`);
  saveScenario(file, scenarioOf(story, broken.faults));
  const [first] = broken.violations;
  const where = planted === undefined ? `make sim REPLAY=${file}` : `with "${planted}" planted; ${file}`;
  say(`${story}: ${inWords(broken)}: ${first?.invariant} ${first?.detail} (${where})`);
}

const tableOf = (coverages: readonly Coverage[]): string =>
  [
    '| one order | messages on its way | single faults | broke | pairs | played | broke |',
    '|---|---|---|---|---|---|---|',
    ...coverages.map(rowOf),
  ].join('\n');

const rowOf = (one: Coverage): string =>
  `| ${one.story} | ${one.messages} | ${one.singles} | ${one.brokenBySingle.length} | ${one.pairs} | ${one.pairsPlayed} | ${one.brokenByPair.length} |`;

function leftOutOf(coverages: readonly Coverage[]): string {
  const sums = new Map<string, number>();
  const add = (reason: string, count: number) => sums.set(reason, (sums.get(reason) ?? 0) + count);
  for (const { leftOut, unchanged, pairs, pairsPlayed } of coverages) {
    for (const [reason, count] of Object.entries(leftOut)) add(`single: ${reason}`, count);
    add('pair: the first fault changed no later message, so the second is played alone already', unchanged);
    add('pair: the time was up', pairs - pairsPlayed);
  }
  const rows = [...sums].map(([reason, count]) => `| ${reason} | ${count} |`);
  return ['| not played | |', '|---|---|', ...rows].join('\n');
}

const plantedTable = (rows: readonly string[]): string =>
  ['| planted | one order | found by single faults | found by pairs |', '|---|---|---|---|', ...rows].join('\n');

function say(text: string): void {
  process.stdout.write(`${text}\n`);
}

const program = commandLine('npx node simulation/test/sim-pairs.ts')
  .description(
    'Plays one order with every single fault of the messages that its decisions hang on, then with every pair of them that can occur, ' +
      'until the time is up. Then plants faults that only a pair can find. Writes the tables of docs/simulation.md.',
  )
  .option('--minutes <number>', 'for the pairs of each story, and for each planted fault', wholeNumber, 5)
  .option('--only <text>', 'the stories whose name contains it; the tables are only printed')
  .option('--planted <text>', 'only look for these planted faults')
  .option('--workers <number>', 'processes; as many as there are cores', wholeNumber)
  .action(async (args: Args) => {
    process.exitCode = await main(args);
  });
await carryOut(program);
