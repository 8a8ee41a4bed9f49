import { execFile } from 'node:child_process';
import { laboratoryEnv } from '@valerix/gameday/laboratory';
import { carryOut, commandLine, wholeNumber } from '@valerix/local-stack/commands/command-line';
import { processEnv } from '@valerix/service-kit/config';
import { playSeeds, type SeedResult } from '../src/workers.ts';
import { writeBetween } from './document.ts';
import { PLANTED, type Planted } from './planted.ts';

interface Args {
  seeds: number;
  finds: number;
  only?: string;
  workers?: number;
}

const argsOf = ({ guards }: Planted): string[] => (guards ? ['--guards', JSON.stringify(guards)] : []);

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
    env: laboratoryEnv(planted.name, planted.cuts),
    args: argsOf(planted),
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
  const args = [`${import.meta.dirname}/../src/cli.ts`, '--seed', `${seed}`, ...argsOf(planted)];
  const env = { ...processEnv(), ...laboratoryEnv(planted.name, planted.cuts) };
  return new Promise((resolve) => {
    execFile(process.execPath, args, { env, maxBuffer: 1e8 }, (_failed, output) => {
      const [, events, seconds] = /shrunk to (\d+) events in \d+ runs, (\d+) s/.exec(output) ?? [];
      resolve(events ? `${events} in ${seconds} s` : 'not shrunk');
    });
  });
}

async function rowOf(planted: Planted, args: Args): Promise<string> {
  const { played, found } = await find(planted, args);
  const [first] = found;
  const gaps = found.map(({ seed }, n) => seed - (found[n - 1]?.seed ?? 0)).sort((a, b) => a - b);
  const median = gaps[Math.floor(gaps.length / 2)];
  const rules = [...new Set(found.flatMap(({ violations }) => violations.map(({ invariant }) => invariant)))].sort();
  const shrunk = first ? await shrunkBy(planted, first.seed) : '';
  return `| ${[planted.name, first?.seed ?? `not in ${played}`, median ?? '', rules.join(', '), shrunk].join(' | ')} |`;
}

async function main(args: Args): Promise<void> {
  const lines: string[] = [];
  const say = (line: string): void => {
    lines.push(line);
    process.stdout.write(`${line}\n`);
  };
  say('| planted | first seed | median | found by | events, shrunk |');
  say('|---|---|---|---|---|');
  const wanted = PLANTED.filter(({ name }) => !args.only || name.includes(args.only));
  for (const planted of wanted) if (!planted.unreachable) say(await rowOf(planted, args));
  say('');
  say('| not planted | why |');
  say('|---|---|');
  for (const { name, unreachable } of wanted) if (unreachable) say(`| ${name} | ${unreachable} |`);
  if (!args.only) writeBetween('planted', lines.join('\n'));
}

const program = commandLine('sim-planted')
  .description(
    'Plants each known fault in the services, plays seeds until enough have found it, and shrinks the first of them. Writes the tables of ' +
      'docs/simulation.md: the first seed that found it, the median distance between two that did, what they said.',
  )
  .option('--seeds <number>', 'how many to play at most with each fault', wholeNumber, 200)
  .option('--finds <number>', 'how many of them must find it', wholeNumber, 3)
  .option('--only <text>', 'the faults whose name contains it; the tables are only printed')
  .option('--workers <number>', 'processes; as many as there are cores', wholeNumber)
  .action(main);
await carryOut(program);
