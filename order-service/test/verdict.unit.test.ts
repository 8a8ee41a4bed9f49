import { expect, it } from 'vitest';
import { lagMsOf, type Progress, verdictOf } from '../src/integrity/verdict.ts';

const NOW = 1_000_000;
const upToDate: Progress = {
  createdMs: 0,
  checkedAt: new Date(NOW),
  caughtUp: true,
  passed: true,
  trouble: undefined,
};
const nothing = { violations: [], isIncomplete: false, ordersChecked: 7 };
const violation = {
  invariant: 'I5' as const,
  subject: 'an order',
  detail: 'wrong',
  found_at: new Date(0).toISOString(),
};

it('should say ok only when the whole history was read, lately, and nothing is wrong', () => {
  expect(verdictOf(upToDate, 0, nothing)).toMatchObject({ verdict: 'ok', detail: null, orders_checked: 7 });
  expect(verdictOf({ ...upToDate, passed: false }, 0, nothing).verdict).toBe('unknown');
  expect(verdictOf({ ...upToDate, caughtUp: false }, 0, nothing).verdict).toBe('unknown');
  expect(verdictOf(upToDate, 15_000, nothing).verdict).toBe('unknown');
  expect(verdictOf(upToDate, 0, { ...nothing, isIncomplete: true }).verdict).toBe('unknown');
  expect(verdictOf({ ...upToDate, trouble: 'blind' }, 0, nothing)).toMatchObject({
    verdict: 'unknown',
    detail: 'blind',
  });
});

it('should say violated while something is wrong, however blind it has become since', () => {
  const found = { ...nothing, violations: [violation] };
  expect(verdictOf({ ...upToDate, trouble: 'blind' }, 60_000, found).verdict).toBe('violated');
});

it('should be behind by whatever is oldest: its last look, an order that waits, what it has not read', () => {
  const read = { readToMs: NOW, waitingSince: [undefined, undefined] };
  expect(lagMsOf(upToDate, read, NOW)).toBe(0);
  expect(lagMsOf(upToDate, read, NOW + 300)).toBe(300);
  expect(lagMsOf(upToDate, { ...read, waitingSince: [NOW - 500, NOW - 900] }, NOW)).toBe(900);
  expect(lagMsOf({ ...upToDate, caughtUp: false }, { ...read, readToMs: NOW - 2_000 }, NOW)).toBe(2_000);
  expect(lagMsOf({ ...upToDate, checkedAt: undefined }, read, NOW)).toBe(NOW);
});
