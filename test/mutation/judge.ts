import { TARGETS, WANTED } from './targets.ts';

/** A mutant that every test passed. */
export interface Survivor {
  file: string;
  /** The line of code that it changes, without indentation. */
  line: string;
  /** `the code → what stands in its place`. */
  mutant: string;
}

/** A survivor that no test can or should kill. */
export interface Explained extends Survivor {
  reason: string;
}

/** What became of the mutants of one file. */
export interface Tried {
  file: string;
  /** Killed by unit tests. */
  killed: number;
  /** Of those that the unit tests passed, the ones that broke a world of the simulation; if it was played. */
  bySeeds?: number;
  survivors: (Survivor & { at: number })[];
}

/** A line of the table. */
export interface Row {
  part: keyof typeof WANTED;
  file: string;
  killed: number;
  bySeeds: number;
  explained: number;
  survived: number;
}

const nameOf = ({ file, line, mutant }: Survivor): string => `${file}: ${line} | ${mutant}`;

/** Compares survivors with those that are explained. @returns also explanations whose mutant was killed or is gone */
export function judge(tried: readonly Tried[], explained: readonly Explained[]) {
  const reasons = new Set(explained.map(nameOf));
  const open = tried.map(({ survivors }) => survivors.filter((survivor) => !reasons.has(nameOf(survivor))));
  const rows = tried.map(({ file, killed, bySeeds = 0, survivors }, n): Row => {
    const part = TARGETS.find((target) => target.file === file)?.part ?? 'rules';
    const survived = open[n]?.length ?? 0;
    return { part, file, killed, bySeeds, explained: survivors.length - survived, survived };
  });
  const alive = new Set(tried.flatMap(({ survivors }) => survivors.map(nameOf)));
  const files = new Set(tried.map(({ file }) => file));
  return {
    rows,
    survivors: open.flat(),
    stale: explained.filter((one) => files.has(one.file) && !alive.has(nameOf(one))),
    failed: partsOf(rows).filter(({ part, score }) => score < WANTED[part]),
  };
}

/** Killed mutants among those that are not explained. */
export function scoreOf(rows: readonly Pick<Row, 'killed' | 'bySeeds' | 'survived'>[]): number {
  const killed = rows.reduce((sum, row) => sum + row.killed + row.bySeeds, 0);
  const survived = rows.reduce((sum, row) => sum + row.survived, 0);
  return killed + survived === 0 ? 1 : killed / (killed + survived);
}

const partsOf = (rows: readonly Row[]) =>
  [...new Set(rows.map(({ part }) => part))].map((part) => ({
    part,
    score: scoreOf(rows.filter((row) => row.part === part)),
  }));

/** Rounded down: 100 % means that no mutant is left. */
const percent = (share: number): string => `${Math.floor(share * 1_000) / 10} %`;

/** The table of docs/mutation.md. */
export function tableOf(rows: readonly Row[]): string {
  const lines = rows.map(
    (row) =>
      `| ${row.part} | \`${row.file}\` | ${row.killed} | ${row.bySeeds} | ${row.explained} | ${row.survived} | ${percent(scoreOf([row]))} |`,
  );
  const sums = partsOf(rows).map(
    ({ part, score }) => `| **${part}** | wanted ${percent(WANTED[part])} | | | | | **${percent(score)}** |`,
  );
  const head = [
    '| part | file | killed by tests | by seeds | explained | survived | score |',
    '| --- | --- | --: | --: | --: | --: | --: |',
  ];
  return [...head, ...lines, ...sums].join('\n');
}

/** The rows of a table that `tableOf` wrote. */
export function rowsOf(table: string): Row[] {
  const lines = table.matchAll(/^\| ([a-z ]+) \| `(.+)` \| (\d+) \| (\d+) \| (\d+) \| (\d+) \|/gm);
  return [...lines].map(([, part, file = '', killed, bySeeds, explained, survived]) => ({
    ...{ part: part as Row['part'], file, killed: Number(killed), bySeeds: Number(bySeeds) },
    ...{ explained: Number(explained), survived: Number(survived) },
  }));
}

/** New rows, and those of the other files as they were, in the order of the targets. */
export const mergedRows = (before: readonly Row[], now: readonly Row[]): Row[] =>
  TARGETS.flatMap(({ file }) => [...now, ...before].find((row) => row.file === file) ?? []);
