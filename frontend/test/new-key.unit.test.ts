import { afterEach, expect, it, vi } from 'vitest';
import { z } from 'zod';
import { newKey } from '../src/browser/new-key.ts';

afterEach(() => vi.unstubAllGlobals());

it('makes a new UUID each time, even without crypto.randomUUID', () => {
  const { crypto } = globalThis;
  vi.stubGlobal('crypto', { getRandomValues: crypto.getRandomValues.bind(crypto) });
  const keys = Array.from({ length: 1000 }, newKey);
  for (const key of keys) expect(z.uuidv4().safeParse(key).success, key).toBe(true);
  expect(new Set(keys).size).toBe(1000);
});
