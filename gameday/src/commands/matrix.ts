import { writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { duration } from '@valerix/local-stack/commands/table';
import type { Config } from '../config.ts';
import type { Defence } from '../defences/defence.ts';
import { DEFENCES, defenceOf } from '../defences/defences.ts';
import { matrixDocument, writeMatrix } from '../matrix/document.ts';
import { runCell } from '../matrix/run-cell.ts';
import { runMatrix } from '../matrix/run-matrix.ts';
import { markdownTable, terminalTable } from '../matrix/table.ts';
import { type Cell, exitCodeOf, judgeRow, ROW_WORDS, type Row } from '../matrix/verdicts.ts';
import { progressLine } from '../progress-line.ts';
import { makeRunFolder } from '../run-folder/run-folder.ts';
import { type Flags, numberOf } from './flags.ts';
import { onInterrupt } from './interrupt.ts';

/** Runs the matrix of defences and faults, or some of its rows. @returns the exit code */
export async function matrixCommand(config: Config, names: readonly string[], flags: Flags): Promise<number> {
  const defences = names.length > 0 ? [...new Set(names)].map(defenceOf) : DEFENCES;
  const seed = numberOf(flags.seed, 'seed');
  // Not in the folder of the game days: these runs fail on purpose.
  const parent = flags.report ? resolve(flags.report) : join(config.home, 'matrix');
  const { path: folder } = makeRunFolder(parent, 'matrix');
  const { signal, release } = onInterrupt(() => 'rolling back; the document stays as it is.');
  const started = performance.now();
  try {
    const rows = await runMatrix({
      defences,
      signal,
      runCell: (defence, defended, place) => showCell(defence, defended, place, { seed, folder, signal }),
      onRow: (row) => console.log(`  ${ROW_WORDS[judgeRow(row)]}`),
    });
    const complete = rows.length === defences.length;
    if (rows.length > 0) keep(rows, folder);
    console.log(
      `${rows.length} of ${defences.length} defences in ${duration(performance.now() - started)}. Reports: ${folder}`,
    );
    return exitCodeOf(rows, complete);
  } finally {
    release();
  }
}

/** Runs one cell; shows its progress, then its result. */
async function showCell(
  defence: Defence,
  defended: boolean,
  place: string,
  options: { seed: number | undefined; folder: string; signal: AbortSignal },
): Promise<Cell> {
  const name = `${place} ${defended ? 'with' : 'without'} ${defence.name}`;
  const line = progressLine(name, process.stderr);
  const cell = await runCell({ ...options, defence, defended, onProgress: line.show });
  line.end();
  console.log(`${name}: ${cell.verdict}, ${cell.seen} (${Math.round(cell.seconds)} s)`);
  for (const reason of cell.reasons) if (reason !== cell.seen) console.log(`  ${reason}`);
  return cell;
}

/** Prints the table, writes it beside the reports, and updates the document when every row has an answer. */
function keep(rows: readonly Row[], folder: string): void {
  const table = markdownTable(rows);
  writeFileSync(join(folder, 'matrix.md'), `${table}\n`);
  console.log(`\n${terminalTable(rows)}\n`);
  const answered = rows.filter((row) => !['inconclusive', 'unusable'].includes(judgeRow(row)));
  if (answered.length === DEFENCES.length) {
    writeMatrix(table);
    console.log(`Written: ${matrixDocument}`);
  } else {
    console.log(`docs/defences.md stays as it is: ${answered.length} of ${DEFENCES.length} defences have an answer.`);
  }
}
