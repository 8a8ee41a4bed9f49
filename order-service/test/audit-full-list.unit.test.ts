import { v7 as uuidv7 } from 'uuid';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { eventually } from '../../test/support/eventually.ts';
import type { Auditor } from '../src/integrity/audit-integrity.ts';
import { audit, entry, gauge, ledgerOf, logger } from './ledger-auditor.ts';

describe('more broken orders than are listed', () => {
  /** Stock taken for as many orders that do not exist. */
  function breakOrders(count: number) {
    const ids = Array.from({ length: count }, () => uuidv7());
    const { entries, ...ledger } = ledgerOf(...ids.map((id) => entry('deduct', -1, id)));
    /** What is repaired is looked up again every ten seconds: they pass at once. */
    const repair = (repaired: readonly string[]) => {
      entries.push(...repaired.map((id) => entry('release', 1, id)));
      vi.setSystemTime(Date.now() + 11_000);
    };
    return { ids, ledger, repair };
  }
  const listed = (state: Auditor['state']): string[] => state().violations.map(({ subject }) => subject);

  beforeEach(() => void vi.useFakeTimers({ toFake: ['Date'] }));
  afterEach(() => void vi.useRealTimers());

  it('should never say ok before the last of them is repaired', async () => {
    const { ids, ledger, repair } = breakOrders(250);
    const verdicts = new Set<string>();
    const { state } = audit({
      ...ledger,
      after: (position, limit) => {
        if (ids.length > 0) verdicts.add(state().verdict);
        return ledger.after(position, limit);
      },
    });
    while (ids.length > 0) {
      const known = await eventually(() => {
        const subjects = listed(state);
        expect(subjects).toHaveLength(Math.min(ids.length, 100));
        return subjects;
      });
      ids.splice(0, ids.length, ...ids.filter((id) => !known.includes(id)));
      repair(known);
      if (ids.length > 0) await eventually(() => expect(listed(state)).not.toContain(known[0]));
    }
    expect(verdicts).not.toContain('ok');
    await eventually(() => expect(state()).toMatchObject({ verdict: 'ok', violations: [] }));
  });

  it('should neither end the alert nor look blind for years while it reads the history again', async () => {
    const { ids, ledger, repair } = breakOrders(250);
    const [set, error] = [vi.spyOn(gauge, 'set'), vi.spyOn(logger, 'error')];
    const lags: number[] = [];
    const { state, lagSeconds } = audit({
      ...ledger,
      after: (position, limit) => {
        lags.push(lagSeconds());
        return ledger.after(position, limit);
      },
    });
    await eventually(() => expect(error).toHaveBeenCalledWith({ listed: 100 }, 'more is broken than is listed'));
    const first = listed(state);
    const others = ids.filter((id) => !first.includes(id));
    set.mockClear();
    repair(first);
    await eventually(() => expect(listed(state).filter((id) => others.includes(id))).toHaveLength(100));
    const calls = set.mock.calls as unknown as [labels: { invariant: string }, count: number][];
    expect(calls.filter(([{ invariant }, count]) => invariant === 'I5' && count < 100)).toEqual([]);
    expect(Math.max(...lags)).toBeLessThan(2 * 3_600);

    repair(others);
    await eventually(() => expect(state().verdict).toBe('ok'));
    const { values } = await gauge.get();
    expect(values.every(({ value }) => value === 0)).toBe(true);
  });

  it('should notice the repair of any order it lists', async () => {
    const { ledger, repair } = breakOrders(100);
    const { state } = audit(ledger);
    const last = await eventually(() => {
      const subjects = listed(state);
      expect(subjects).toHaveLength(100);
      return subjects.at(-1) as string;
    });
    repair([last]);
    await eventually(() => expect(listed(state)).not.toContain(last));
    expect(listed(state)).toHaveLength(99);
  });
});
