import { expect, it } from 'vitest';
import { explain } from '../src/commands/explain.ts';

it('what went wrong is a sentence; only a programming error shows its stack', () => {
  expect(explain(new Error('The disk is full.'))).toBe('The disk is full.');
  expect(explain(new AggregateError([new Error('::1 refused'), new Error('127.0.0.1 refused')]))).toBe(
    '::1 refused; 127.0.0.1 refused',
  );
  expect(explain('text')).toBe('text');
  expect(explain(new TypeError('x is not a function'))).toMatch(/^TypeError: x is not a function\n +at /);
});
