import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { linesTogether } from '../src/log-lines.ts';

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

function recorded() {
  const writes: string[] = [];
  const lines = linesTogether((text) => void writes.push(text));
  const write = (level: number, text: string) => {
    lines.lastLevel = level;
    lines.write(text);
  };
  return { writes, write };
}

it('lines of some milliseconds are written together, in order, and none waits longer for those after it', () => {
  const { writes, write } = recorded();
  write(30, 'a\n');
  vi.advanceTimersByTime(6);
  write(30, 'b\n');
  expect(writes).toEqual([]);
  vi.advanceTimersByTime(4);
  expect(writes).toEqual(['a\nb\n']);
  vi.advanceTimersByTime(100);
  write(30, 'c\n');
  vi.advanceTimersByTime(10);
  expect(writes).toEqual(['a\nb\n', 'c\n']);
});

it('a warning is written at once, after the lines before it', () => {
  const { writes, write } = recorded();
  write(30, 'a\n');
  write(40, 'warning\n');
  expect(writes).toEqual(['a\nwarning\n']);
});

it('I13: many lines are written before their time', () => {
  const { writes, write } = recorded();
  for (let n = 0; n < 1_000; n++) write(30, `${'x'.repeat(99)}\n`);
  expect(Math.max(...writes.map((text) => text.length))).toBeLessThanOrEqual(16_384 + 100);
  expect(writes).toHaveLength(6);
});
