import { parseArgs } from 'node:util';
import { laboratoryEnv } from '@valerix/gameday/laboratory';
import { playSeeds, type SeedResult } from '../src/workers.ts';
import { PLANTED, type Planted } from './planted.ts';

/**
 * `make sim-planted`: plants each known fault in the services, plays seeds until enough have found it, and prints a row of the table in
 * docs/simulation.md: the first seed that found it, the median distance between two that did, what they said.
 */
const { values } = parseArgs({
  options: {
    seeds: { type: 'string', default: '200' },
    finds: { type: 'string', default: '3' },
    only: { type: 'string' },
    workers: { type: 'string' },
  },
});

/** @returns the seeds that found it, each with the invariant, until there are enough */
async function find({ name, cuts, guards }: Planted): Promise<{ played: number; found: SeedResult[] }> {
  const found: SeedResult[] = [];
  let played = 0;
  await playSeeds({
    from: 1,
    count: Number(values.seeds),
    ...(values.workers && { workers: Number(values.workers) }),
    env: laboratoryEnv(name, cuts),
    args: guards ? ['--guards', JSON.stringify(guards)] : [],
    onSeed(result) {
      played++;
      if (result.violations.length > 0) found.push(result);
      return found.length >= Number(values.finds);
    },
  });
  return { played, found: found.sort((a, b) => a.seed - b.seed) };
}

const wanted = PLANTED.filter(({ name, unreachable }) => !unreachable && (!values.only || name.includes(values.only)));
for (const planted of wanted) {
  const { played, found } = await find(planted);
  const gaps = found.map(({ seed }, n) => seed - (found[n - 1]?.seed ?? 0)).sort((a, b) => a - b);
  const median = gaps[Math.floor(gaps.length / 2)];
  const rules = [...new Set(found.flatMap(({ violations }) => violations.map(({ invariant }) => invariant)))].sort();
  const row = [planted.name, found[0]?.seed ?? `not in ${played}`, median ?? '', rules.join(', ')];
  process.stdout.write(`| ${row.join(' | ')} |\n`);
}
