import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { defenceOf } from '../src/defences/defences.ts';
import { runCell } from '../src/matrix/run-cell.ts';

const folder = mkdtempSync(join(tmpdir(), 'valerix-matrix-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

// One cell: that runs with every defence pass is shown by game-day.load.test.ts.
it('should take stock twice without the unique decision, and name the missing defence in the report', async () => {
  const { signal } = new AbortController();
  const defence = defenceOf('unique-decision');
  const cell = await runCell({ defence, defended: false, seed: undefined, folder, signal, onProgress: () => {} });
  expect(cell).toMatchObject({ verdict: 'broken', reasons: [] });
  expect(cell.broken).toContain('I4');
  expect(cell.seen).toMatch(/^[1-9]\d* orders whose stock was taken more than once$/);
  const page = readFileSync(cell.report, 'utf8');
  expect(page).toContain('Lost decisions, without unique-decision');
  expect(page).toContain('in laboratory mode, without unique-decision');
});

it('should call a cell inconclusive that was interrupted while its stack started, and leave nothing running', async () => {
  const defence = defenceOf('sweep');
  const signal = AbortSignal.abort('SIGINT from the terminal');
  const cell = await runCell({ defence, defended: true, seed: undefined, folder, signal, onProgress: () => {} });
  expect(cell).toMatchObject({ verdict: 'inconclusive', report: '' });
});
