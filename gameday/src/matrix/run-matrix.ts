import type { Defence } from '../defences/defence.ts';
import type { Cell, Row } from './verdicts.ts';

interface MatrixOptions {
  defences: readonly Defence[];
  /** Runs one cell; `place` such as "3/16". Never throws. */
  runCell: (defence: Defence, defended: boolean, place: string) => Promise<Cell>;
  signal: AbortSignal;
  onRow: (row: Row) => void;
}

/** Runs each defence's experiment without it, then with it, one run at a time. @returns the finished rows */
export async function runMatrix({ defences, runCell, signal, onRow }: MatrixOptions): Promise<Row[]> {
  const rows: Row[] = [];
  const last = defences.length * 2;
  for (const [index, defence] of defences.entries()) {
    const without = await runCell(defence, false, `${index * 2 + 1}/${last}`);
    if (signal.aborted) break;
    const row = { defence, without, with: await runCell(defence, true, `${index * 2 + 2}/${last}`) };
    if (signal.aborted) break;
    rows.push(row);
    onRow(row);
  }
  return rows;
}
