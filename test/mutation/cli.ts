import { readFileSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { Stryker } from '@stryker-mutator/core';
import { carryOut, commandLine } from '@valerix/local-stack/commands/command-line';
import { EXPLAINED } from './explained.ts';
import { judge, mergedRows, type Row, rowsOf, type Survivor, type Tried, tableOf } from './judge.ts';
import { isFoundBySeeds, requireQuiet } from './play-seeds.ts';
import { TARGETS, type Target } from './targets.ts';

const ROOT = join(import.meta.dirname, '../..');
const DOCUMENT = join(ROOT, 'docs/mutation.md');
const [START, END] = ['<!-- generated: scores (written by `make mutation`) -->', '<!-- end generated -->'];

/** Tries the mutants of one file against its unit tests. Results of before are taken over where neither changed. */
async function tryMutants({ file, tests }: Target, force: boolean): Promise<Tried> {
  process.env.MUTATED_TESTS = tests.join(' ');
  const results = await new Stryker({
    mutate: [file],
    testRunner: 'vitest',
    plugins: ['@stryker-mutator/vitest-runner', join(import.meta.dirname, 'prose.ts')],
    ignorers: ['prose'],
    vitest: { configFile: 'test/mutation/vitest.config.ts', related: false },
    coverageAnalysis: 'perTest',
    concurrency: Math.max(1, availableParallelism() - 1),
    // A busy machine is slow: only a test that never ends may count as one that failed.
    timeoutMS: 20_000,
    incremental: true,
    incrementalFile: `node_modules/.cache/mutation/${file.replaceAll('/', '-')}.json`,
    force,
    // Stryker would read it with TypeScript's old API, which version 7 does not have.
    tsconfigFile: 'none.json',
    // A small copy: the file, its tests, and the folders that they import from beside node_modules.
    ignorePatterns: [
      '**',
      ...[...new Set([file, ...tests].map(folderOf))].flatMap(kept),
      ...kept('test/mutation'),
      '!*.json',
      'node_modules',
    ],
    tempDirName: `.stryker-tmp/${process.pid}`,
    reporters: [],
    logLevel: 'warn',
  } as never).runMutationTest();
  const lived = results.filter(({ status }) => status === 'Survived' || status === 'NoCoverage');
  const killed = results.filter(({ status }) => status === 'Killed' || status === 'Timeout').length;
  return { file, killed, survivors: lived.map((mutant) => survivorOf(file, mutant)) };
}

/** Plays seeds with each survivor that is not explained: one that breaks a world is killed. */
function playOn(one: Tried, seeds: number): Tried {
  const found = judge([one], EXPLAINED).survivors.filter((survivor) => {
    const { location, replacement = '' } = mutants.get(survivor) as Mutant;
    return isFoundBySeeds(seeds, one.file, location, replacement);
  });
  return { ...one, bySeeds: found.length, survivors: one.survivors.filter((survivor) => !found.includes(survivor)) };
}

/** The package of a file, which it and its tests import from by path. */
const folderOf = (path: string): string => path.slice(0, path.search(/\/(src|test)\//));
const kept = (folder: string): string[] => [`!${folder}`, `!${folder}/**`];

type Mutant = Awaited<ReturnType<Stryker['runMutationTest']>>[number];
const mutants = new WeakMap<Survivor, Mutant>();

function survivorOf(file: string, mutant: Mutant) {
  const { location, replacement } = mutant;
  const lines = readFileSync(join(ROOT, file), 'utf8').split('\n');
  const { start, end } = location;
  const cut = lines.slice(start.line - 1, end.line);
  cut[cut.length - 1] = cut.at(-1)?.slice(0, end.column - 1) ?? '';
  const code = cut.join('\n').slice(start.column - 1);
  const short = (text: string) => text.replace(/\s+/g, ' ').trim();
  const survivor = {
    ...{ file, at: start.line, line: short(lines[start.line - 1] ?? '') },
    mutant: `${short(code)} → ${short(replacement ?? '')}`,
  };
  mutants.set(survivor, mutant);
  return survivor;
}

/** @returns the exit code: 1 if too many mutants survive, or an explained one does not */
async function main(): Promise<number> {
  const [only, force, seeds] = [process.env.ONLY ?? '', process.env.FORCE === '1', Number(process.env.SEEDS || 0)];
  const targets = TARGETS.filter(({ file }) => only.split(' ').some((part) => file.includes(part)));
  const tried: Tried[] = [];
  if (seeds > 0) requireQuiet(seeds, TARGETS[0]?.file ?? '');
  for (const target of targets) {
    const byTests = await tryMutants(target, force);
    const one = seeds > 0 ? playOn(byTests, seeds) : byTests;
    tried.push(one);
    const { rows, survivors } = judge([one], EXPLAINED);
    console.log(tableOf(rows));
    for (const { at, line, mutant } of survivors) console.log(`survived in line ${at}: ${line}\n  ${mutant}`);
    write(rows);
  }
  const { stale, failed } = judge(tried, EXPLAINED);
  for (const { file, line, mutant } of stale)
    console.log(`explained, but killed or gone: ${file}: ${line}\n  ${mutant}`);
  for (const { part, score } of failed) console.log(`too many survivors: ${part} (${score})`);
  return failed.length > 0 || stale.length > 0 ? 1 : 0;
}

/** Puts new rows into the document's table. */
function write(rows: readonly Row[]): void {
  const document = readFileSync(DOCUMENT, 'utf8');
  const [start, end] = [document.indexOf(START) + START.length, document.indexOf(END)];
  const table = tableOf(mergedRows(rowsOf(document.slice(start, end)), rows));
  writeFileSync(DOCUMENT, `${document.slice(0, start)}\n\n${table}\n\n${document.slice(end)}`);
}

const ENVIRONMENT = `
Environment variables:
  ONLY=decide.ts  tries the files whose path has one of these words in it
  FORCE=1         tries everything anew, not only what changed
  SEEDS=20        plays so many seeds of the simulation with each survivor, too`;

const program = commandLine('npx node test/mutation/cli.ts')
  .description(
    'Changes the rules, the checker and the batcher bit by bit: a unit test must fail each time. Writes docs/mutation.md.',
  )
  .addHelpText('after', ENVIRONMENT)
  .action(async () => {
    process.exitCode = await main();
  });
await carryOut(program);
