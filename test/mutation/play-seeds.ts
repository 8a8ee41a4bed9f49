import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { laboratoryEnv } from '@valerix/gameday/laboratory';

const ROOT = join(import.meta.dirname, '../..');
/**
 * How long the worlds of a mutant may take, milliseconds, many times what they take without one. A mutant whose worlds take longer counts as
 * found, as one that makes the tests hang does.
 */
const limitMs = (seeds: number): number => 60_000 + seeds * 30_000;

/** Part of a source file; lines and columns begin at 1. */
interface Place {
  start: { line: number; column: number };
  end: { line: number; column: number };
}

/** The source with `replacement` at the place. */
export function mutated(source: string, { start, end }: Place, replacement: string): string {
  const lines = source.split('\n');
  const offset = ({ line, column }: Place['start']) =>
    lines.slice(0, line - 1).reduce((sum, { length }) => sum + length + 1, 0) + column - 1;
  return source.slice(0, offset(start)) + replacement + source.slice(offset(end));
}

/** Plays the first seeds of the simulation with a mutant in place of its file. @returns true when a world broke, or did not end */
export function isFoundBySeeds(seeds: number, file: string, place: Place, replacement: string): boolean {
  const source = readFileSync(join(ROOT, file), 'utf8');
  const cut = { file, find: source, replace: mutated(source, place, replacement) };
  const args = ['--worker', '--from', '1', '--to', `${seeds + 1}`, '--step', '1'];
  const { status, stdout } = spawnSync(process.execPath, [join(ROOT, 'simulation/src/cli.ts'), ...args], {
    env: { ...process.env, ...laboratoryEnv(`a line of ${file}`, [cut]) },
    encoding: 'utf8',
    timeout: limitMs(seeds),
    maxBuffer: 1e8,
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  return status !== 0 || stdout.split('\n').some((line) => line !== '' && JSON.parse(line).violations.length > 0);
}

/** @throws Error when the first seeds find something without a mutant: they would find it with each. */
export function requireQuiet(seeds: number, file: string): void {
  const nowhere = { line: 1, column: 1 };
  if (isFoundBySeeds(seeds, file, { start: nowhere, end: nowhere }, '')) {
    throw new Error(
      `the first ${seeds} seeds are broken, or did not end, without a mutant; see make sim SEEDS=${seeds}`,
    );
  }
}
