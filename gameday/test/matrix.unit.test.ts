import { readFileSync } from 'node:fs';
import { describe, expect, it, vi } from 'vitest';
import { judgeMoney } from '../src/checker/judge-money.ts';
import { main } from '../src/cli.ts';
import { DEFENCE_NAMES, type Defence } from '../src/defences/defence.ts';
import { DEFENCES, defenceOf } from '../src/defences/defences.ts';
import { placedDuring } from '../src/defences/placements.ts';
import { hypothesisHolds, invariantHolds, shareAfter, shareDuring } from '../src/defences/property.ts';
import { defenceExperimentsFolder, experimentNames, loadExperiment } from '../src/experiment/load-experiment.ts';
import { matrixDocument, withMatrix } from '../src/matrix/document.ts';
import { runMatrix } from '../src/matrix/run-matrix.ts';
import { headOf, markdownTable, removalOf, terminalTable } from '../src/matrix/table.ts';
import {
  type Cell,
  type CellVerdict,
  exitCodeOf,
  type JudgedRun,
  judgeCell,
  judgeRow,
} from '../src/matrix/verdicts.ts';

const cell = (verdict: CellVerdict): Cell => ({
  verdict,
  seen: 'three of four',
  reasons: [],
  broken: [],
  seconds: 1,
  orders: 10,
  hits: 1,
  report: '',
});
const row = (withIt: CellVerdict, withoutIt: CellVerdict) => ({
  defence: defenceOf('retry'),
  with: cell(withIt),
  without: cell(withoutIt),
});

describe('the defences', () => {
  it('should each have its experiment, and no experiment be left over', () => {
    expect(DEFENCES.map(({ name }) => name)).toEqual(DEFENCE_NAMES);
    const used = new Set(DEFENCES.map(({ experiment }) => experiment));
    expect([...used].sort()).toEqual(experimentNames(defenceExperimentsFolder));
    for (const name of used) {
      const { valerix, document } = loadExperiment(name, defenceExperimentsFolder);
      expect(valerix.evidence.map(({ kind }) => kind)).toContain('every-fault-fired');
      // A run without its defence must go on, so that both runs of a row are of the same length.
      expect(valerix.stop_when_broken).toEqual([]);
      expect(document['steady-state-hypothesis']?.probes.length).toBeGreaterThan(0);
    }
  });

  it('should stand in docs/defences.md as they are defined (else: make gameday-matrix)', () => {
    const lines = readFileSync(matrixDocument, 'utf8').split('\n');
    const heads = lines.filter((line) => line.startsWith('| **'));
    expect(heads.length).toBe(DEFENCES.length);
    DEFENCES.forEach((defence, index) => {
      expect(heads[index]).toContain(headOf(defence));
      expect(lines.some((line) => line.startsWith(removalOf(defence)))).toBe(true);
    });
  });
});

describe('a property', () => {
  const faults = [{ name: 'it hangs', kind: 'target' as const, from: 1_000, to: 2_000, fired: 1 }];
  const placements = Array.from({ length: 300 }, (_, n) => ({
    intendedMs: n * 10,
    latencyMs: n % 4 === 0 ? 500 : 5,
    status: 201,
    attempts: 1,
  }));

  it('should count subjects, and only the harm it is about', () => {
    const found = (subject: string, detail: string) => ({
      invariant: 'I6' as const,
      class: 'drift' as const,
      subject,
      detail,
    });
    const violations = [found('a', 'stays deducted'), found('a', 'stays deducted'), found('b', 'undecided')];
    const property = invariantHolds('I6', 'no stock is held', 'orders', /stays/);
    expect(property.measure({ result: { violations, faults }, placements: [] })).toEqual({
      value: 1,
      text: '1 orders',
    });
  });

  it.each([
    ['look-up', 'provider'],
    ['booked-once', 'ledger'],
  ] as const)('should count second charges for %s in one of the two books only', (name, books) => {
    const once = { charged: ['1299 EUR'], refunded: [] };
    const record = { orderId: 'o1', payment: undefined, ledger: once, provider: once };
    const harm = (twice: 'ledger' | 'provider') => {
      const charged = ['1299 EUR', '1299 EUR'];
      const violations = judgeMoney(undefined, undefined, { ...record, [twice]: { ...once, charged } }, true);
      return defenceOf(name).property.measure({ result: { violations, faults }, placements: [] }).value;
    };
    expect(harm(books)).toBe(1);
    expect(harm(books === 'ledger' ? 'provider' : 'ledger')).toBe(0);
  });

  it('should be a share of the orders placed while the fault lasted', () => {
    expect(placedDuring({ faults }, placements, 'it hangs').length).toBe(100);
    const waited = shareDuring('it hangs', '', { at_most: 50 }, 'waited', ({ latencyMs }) => latencyMs > 300);
    expect(waited.measure({ result: { violations: [], faults }, placements })).toMatchObject({
      value: 25,
      text: '25 % of 100 orders waited',
    });
    const few = waited.measure({ result: { violations: [], faults }, placements: placements.slice(0, 110) });
    expect(few.value).toBeUndefined();
  });
});

describe('a property after the fault', () => {
  const faults = [{ name: 'it hangs', kind: 'injected' as const, from: 1_000, to: 2_000, fired: 1 }];
  const placements = Array.from({ length: 300 }, (_, n) => ({
    intendedMs: n * 20,
    latencyMs: 5,
    status: n * 20 < 3_000 ? 202 : 201,
    attempts: 1,
  }));

  it('should be a share of the orders placed so many seconds after its end', () => {
    const confirmed = ({ status }: { status: number }) => status === 201;
    const measure = (from: number, to: number) =>
      shareAfter('it hangs', [from, to], '', { at_least: 50 }, 'were confirmed', confirmed).measure({
        result: { violations: [], faults },
        placements,
      });
    expect(measure(0, 2)).toMatchObject({ value: 50, text: '50 % of 100 orders were confirmed' });
    expect(measure(1, 3).value).toBe(100);
    expect(measure(3, 3.5)).toMatchObject({
      value: undefined,
      text: 'only 25 orders were placed 3 to 3.5 s after "it hangs"',
    });
  });

  it.each([
    [true, 0],
    [false, 1],
    [undefined, undefined],
  ])('should be a probe of the steady state, met or not: %s', (met, value) => {
    const probe = (name: string, tolerance_met: boolean) => ({ activity: { name }, tolerance_met }) as never;
    const after = met === undefined ? undefined : { steady_state_met: met, probes: [probe('no fault is armed', met)] };
    const property = hypothesisHolds('no fault is armed', '');
    expect(property.measure({ result: { violations: [], faults, after }, placements }).value).toBe(value);
  });
});

describe('the verdict of a run', () => {
  const property = (value: number | undefined, invariant = true) => ({
    ...invariantHolds('I4', 'once', 'orders'),
    ...(!invariant && { invariant: undefined as never }),
    measure: () => ({ value, text: `${value}` }),
  });
  const run = (verdict: 'PASS' | 'FAIL' | 'INCONCLUSIVE', gaps: string[] = []): JudgedRun => ({
    result: { verdict, reasons: ['I1 is broken'], gaps, violations: [], faults: [] },
    placements: [],
  });

  it.each<[string, number | undefined, JudgedRun, boolean, boolean, CellVerdict]>([
    ['holds', 0, run('PASS'), true, true, 'holds'],
    [
      'an invariant seen broken is broken, whatever else is missing',
      3,
      run('FAIL', ['no evidence']),
      true,
      false,
      'broken',
    ],
    [
      'a share means nothing when the fault never fired',
      3,
      run('INCONCLUSIVE', ['no evidence']),
      false,
      false,
      'inconclusive',
    ],
    ['a share out of its bound', 3, run('PASS'), false, false, 'broken'],
    ['nothing was measured', undefined, run('PASS'), false, false, 'inconclusive'],
    ['a fault that never fired', 0, run('INCONCLUSIVE', ['no evidence']), true, true, 'inconclusive'],
    ['with the defence there, anything else that is wrong', 0, run('FAIL'), true, true, 'broken'],
    ['without it, something else that is wrong', 0, run('FAIL'), true, false, 'holds'],
  ])('%s', (_, value, judged, invariant, defended, verdict) => {
    expect(judgeCell(property(value, invariant), judged, defended).verdict).toBe(verdict);
  });
});

describe('the verdict of the matrix', () => {
  it.each<[CellVerdict, CellVerdict, string, number]>([
    ['holds', 'broken', 'shown', 0],
    ['broken', 'broken', 'does-not-hold', 1],
    ['holds', 'holds', 'nothing-breaks', 1],
    ['broken', 'inconclusive', 'does-not-hold', 1],
    ['inconclusive', 'broken', 'inconclusive', 2],
    ['holds', 'inconclusive', 'inconclusive', 2],
    ['unusable', 'broken', 'unusable', 3],
    ['holds', 'unusable', 'unusable', 3],
  ])('with it: %s, without it: %s', (withIt, withoutIt, verdict, code) => {
    const one = row(withIt, withoutIt);
    expect(judgeRow(one)).toBe(verdict);
    expect(exitCodeOf([one], true)).toBe(code);
    expect(exitCodeOf([row('holds', 'broken'), one], true)).toBe(code);
  });

  it('should show nothing when it was cut short', () => {
    expect(exitCodeOf([row('holds', 'broken')], false)).toBe(2);
    expect(exitCodeOf([], false)).toBe(2);
    expect(exitCodeOf([row('holds', 'holds')], false)).toBe(1);
  });

  it('should run each defence without and with it, and end with the interruption', async () => {
    const stopping = new AbortController();
    const ran: string[] = [];
    const rows = await runMatrix({
      defences: DEFENCES.slice(0, 3),
      signal: stopping.signal,
      onRow: () => {},
      runCell: async ({ name }: Defence, defended, place) => {
        ran.push(`${place} ${defended ? 'with' : 'without'} ${name}`);
        if (ran.length === 4) stopping.abort('SIGINT');
        return cell(defended ? 'holds' : 'broken');
      },
    });
    expect(ran).toEqual([
      '1/6 without idempotency',
      '2/6 with idempotency',
      '3/6 without unique-decision',
      '4/6 with unique-decision',
    ]);
    expect(rows.map(({ defence }) => defence.name)).toEqual(['idempotency']);
  });

  it('should be told as a table, for people and for the document', () => {
    const rows = [row('holds', 'broken'), row('holds', 'holds')];
    expect(terminalTable(rows)).toContain('without it  broken: three of four');
    expect(terminalTable(rows)).toContain('NOTHING BREAKS without it');
    expect(markdownTable(rows)).toContain('| holds: three of four (10 orders, 1 hit) | **broken**: three of four');
    const document = withMatrix(readFileSync(matrixDocument, 'utf8'), 'THE TABLE');
    expect(document).toContain('edit above and below) -->\n\nTHE TABLE\n\n<!-- matrix:end -->');
    expect(() => withMatrix('no markers', '')).toThrow(/needs the lines/);
  });

  it('should refuse a defence it does not know, before anything is started', async () => {
    vi.spyOn(console, 'log').mockImplementation(() => {});
    await expect(main(['matrix', 'prayer'])).rejects.toThrow(/no defence "prayer"\. There are: idempotency, /);
    vi.restoreAllMocks();
  });
});
