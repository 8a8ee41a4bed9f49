import { execFile } from 'node:child_process';
import { carryOut, commandLine, wholeNumber } from '@valerix/local-stack/commands/command-line';
import { processEnv } from '@valerix/service-kit/config';
import { playSeeds, type SeedResult } from '../src/workers.ts';
import { writeRow } from './document.ts';
import { PLANTED, type Planted, planting } from './planted.ts';

interface Args {
  seeds: number;
  finds: number;
  only?: string;
  shrink: boolean;
  workers?: number;
}

/** @returns the seeds that found it, each with the invariant, until there are enough */
async function find(
  planted: Planted,
  { seeds, finds, workers }: Args,
): Promise<{ played: number; found: SeedResult[] }> {
  const found: SeedResult[] = [];
  let played = 0;
  await playSeeds({
    from: 1,
    count: seeds,
    ...(workers && { workers }),
    ...planting(planted),
    onSeed(result) {
      played++;
      if (result.violations.length > 0) found.push(result);
      return found.length >= finds;
    },
  });
  return { played, found: found.sort((a, b) => a.seed - b.seed) };
}

/** Plays a seed that found it alone. @returns how small it became, and how long that took */
function shrunkBy(planted: Planted, seed: number): Promise<string> {
  const { args, env } = planting(planted);
  const all = [`${import.meta.dirname}/../src/cli.ts`, '--seed', `${seed}`, ...args];
  return new Promise((resolve) => {
    execFile(process.execPath, all, { env: { ...processEnv(), ...env }, maxBuffer: 1e8 }, (_failed, output) => {
      const [, events, seconds] = /shrunk to (\d+) events in \d+ runs, (\d+) s/.exec(output) ?? [];
      resolve(events ? `${events} in ${seconds} s` : 'not shrunk');
    });
  });
}

async function rowOf(planted: Planted, args: Args): Promise<string> {
  if (planted.unreachable) return `| ${planted.name} | not planted: ${planted.unreachable} | | | |`;
  const { played, found } = await find(planted, args);
  const [first] = found;
  const gaps = found.map(({ seed }, n) => seed - (found[n - 1]?.seed ?? 0)).sort((a, b) => a - b);
  const median = gaps[Math.floor(gaps.length / 2)];
  const rules = [...new Set(found.flatMap(({ violations }) => violations.map(({ invariant }) => invariant)))].sort();
  const shrunk = first && args.shrink ? await shrunkBy(planted, first.seed) : '';
  return `| ${[planted.name, first?.seed ?? `not in ${played}`, median ?? '', rules.join(', '), shrunk].join(' | ')} |`;
}

async function main(args: Args): Promise<void> {
  const names = PLANTED.map(({ name }) => name);
  for (const planted of PLANTED.filter(({ name }) => !args.only || name.includes(args.only))) {
    const row = await rowOf(planted, args);
    process.stdout.write(`${row}\n`);
    writeRow('planted', row, names);
  }
}

const program = commandLine('npx node simulation/test/find-planted.ts')
  .description(
    'Plants each known fault in the services, plays seeds until enough have found it, and shrinks the first of them. Writes each row of ' +
      'docs/simulation.md as it comes: the first seed that found it, the median distance between two that did, what they said.',
  )
  .option('--seeds <number>', 'how many to play at most with each fault', wholeNumber, 200)
  .option('--finds <number>', 'how many of them must find it', wholeNumber, 3)
  .option('--only <text>', 'the faults whose name contains it')
  .option('--no-shrink', 'do not shrink: a minute of processor time for each of them')
  .option('--workers <number>', 'processes; as many as there are cores', wholeNumber)
  .action(main);
await carryOut(program);
