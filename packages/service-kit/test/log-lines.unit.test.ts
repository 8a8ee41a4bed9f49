import { expect, test } from 'vitest';
import { linesOfOneTurn } from '../src/log-lines.ts';

function recorded() {
  const writes: string[] = [];
  const lines = linesOfOneTurn((text) => void writes.push(text));
  const write = (level: number, text: string) => {
    lines.lastLevel = level;
    lines.write(text);
  };
  return { writes, write };
}

test('lines of one turn are written together, in order', async () => {
  const { writes, write } = recorded();
  write(30, 'a\n');
  write(30, 'b\n');
  expect(writes).toEqual([]);
  await new Promise(setImmediate);
  write(30, 'c\n');
  await new Promise(setImmediate);
  expect(writes).toEqual(['a\nb\n', 'c\n']);
});

test('a warning is written at once, after the lines before it', () => {
  const { writes, write } = recorded();
  write(30, 'a\n');
  write(40, 'warning\n');
  expect(writes).toEqual(['a\nwarning\n']);
});
