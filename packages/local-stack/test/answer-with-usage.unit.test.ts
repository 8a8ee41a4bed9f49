import { afterEach, expect, it, vi } from 'vitest';
import { answerWithUsage } from '../src/commands/answer-with-usage.ts';

afterEach(() => vi.restoreAllMocks());

it('a program without arguments answers --help, refuses anything else, and else goes on', () => {
  const log = vi.spyOn(console, 'log').mockImplementation(() => {});
  const error = vi.spyOn(console, 'error').mockImplementation(() => {});
  expect(answerWithUsage('Usage: it', [])).toBeUndefined();
  expect(answerWithUsage('Usage: it', ['--help'])).toBe(0);
  expect(log.mock.lastCall?.[0]).toBe('Usage: it');
  for (const argv of [['--wrong'], ['extra']]) {
    expect(answerWithUsage('Usage: it', argv)).toBe(2);
    expect(error.mock.lastCall?.[0]).toContain('Usage: it');
  }
});
