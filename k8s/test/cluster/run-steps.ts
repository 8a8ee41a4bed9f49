import { type Bench, Skipped, STEPS } from './steps.ts';

export interface Row {
  step: string;
  /** Such as `ok`, or `ok (stub)` when no cluster was there. */
  result: string;
  seconds: number;
  seen: string;
}

/** Runs the steps one after another, and goes on after a failure: later rows then say what else fails. */
export async function runSteps(bench: Bench, stub: boolean, tell: (row: Row) => void = () => {}): Promise<Row[]> {
  const rows: Row[] = [];
  for (const [step, run] of Object.entries(STEPS)) {
    const started = performance.now();
    const { result, seen } = await run(bench).then(
      (words) => ({ result: 'ok', seen: words }),
      (error: Error) => ({ result: error instanceof Skipped ? 'skipped' : 'FAILED', seen: error.message }),
    );
    const seconds = (performance.now() - started) / 1000;
    const row = { step, result: stub ? `${result} (stub)` : result, seconds, seen };
    rows.push(row);
    tell(row);
  }
  return rows;
}
