import { expect, it } from 'vitest';
import { agedVerdict, type Backlog, lagMsOf, type Progress, verdictOf } from '../src/integrity/verdict.ts';

const NOW = 1_000_000;
const upToDate: Progress = { beganMs: 0, checkedAt: new Date(NOW), passed: true, trouble: undefined };
const read: Backlog = { readToMs: NOW, waitingSince: [undefined, undefined], heldBack: undefined };
const nothing = { violations: [], isIncomplete: false, ordersChecked: 7 };
const violation = {
  invariant: 'I5' as const,
  subject: 'an order',
  detail: 'wrong',
  found_at: new Date(0).toISOString(),
};

it('should say ok only when the whole history was read, lately, and nothing is wrong', () => {
  expect(verdictOf(upToDate, read, 0, nothing)).toMatchObject({ verdict: 'ok', detail: null, orders_checked: 7 });
  expect(verdictOf({ ...upToDate, passed: false }, read, 0, nothing).verdict).toBe('unknown');
  expect(verdictOf(upToDate, read, 15_000, nothing).verdict).toBe('unknown');
  expect(verdictOf(upToDate, read, 0, { ...nothing, isIncomplete: true }).verdict).toBe('unknown');
  expect(verdictOf({ ...upToDate, trouble: 'blind' }, read, 0, nothing)).toMatchObject({
    verdict: 'unknown',
    detail: 'blind',
  });
});

it('should say violated while something is wrong, however blind it has become since', () => {
  const found = { ...nothing, violations: [violation] };
  expect(verdictOf({ ...upToDate, trouble: 'blind' }, read, 60_000, found).verdict).toBe('violated');
});

it('should say which database an open transaction holds back, and since when, once the delay is long', () => {
  const heldBack = { service: 'inventory', sinceMs: NOW - 20_000 };
  const { verdict, detail } = verdictOf(upToDate, { ...read, heldBack }, 20_000, nothing);
  expect(verdict).toBe('unknown');
  expect(detail).toContain('the database of the inventory service since 1970-01-01T00:16:20.000Z');
  expect(verdictOf(upToDate, { ...read, heldBack }, 2_000, nothing).verdict).toBe('ok');
});

it('should be behind by whatever is oldest: its last look, an order that waits, what it has not read', () => {
  expect(lagMsOf(upToDate, read, NOW)).toBe(0);
  expect(lagMsOf(upToDate, read, NOW + 300)).toBe(300);
  expect(lagMsOf(upToDate, { ...read, waitingSince: [NOW - 500, NOW - 900] }, NOW)).toBe(900);
  expect(lagMsOf(upToDate, { ...read, readToMs: NOW - 2_000 }, NOW)).toBe(2_000);
  expect(lagMsOf(upToDate, { ...read, readToMs: 0 }, NOW)).toBe(0);
  expect(lagMsOf({ ...upToDate, checkedAt: undefined }, read, NOW)).toBe(NOW);
});

it('should turn unknown when no replica has given a newer verdict, and keep a violation', () => {
  const ok = verdictOf(upToDate, read, 0, nothing);
  expect(agedVerdict(ok, 500, 2_000)).toMatchObject({ verdict: 'ok', detail: null, lag_seconds: 2.5 });
  expect(agedVerdict(ok, 0, 15_000)).toMatchObject({
    verdict: 'unknown',
    detail: expect.stringContaining(ok.checked_at as string),
    lag_seconds: 15,
  });
  const violated = verdictOf(upToDate, read, 0, { ...nothing, violations: [violation] });
  expect(agedVerdict(violated, 0, 60_000).verdict).toBe('violated');
});
