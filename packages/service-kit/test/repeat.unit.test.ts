import { expect, it } from 'vitest';
import { repeat } from '../src/repeat.ts';

it('work is done at once and again, never twice at a time, and a stop waits for what is being done', async () => {
  let begun = 0;
  let under = 0;
  const enough = Promise.withResolvers<void>();
  const loop = repeat(1, async () => {
    begun += 1;
    under += 1;
    expect(under).toBe(1);
    await new Promise((resolve) => setTimeout(resolve, 2));
    under -= 1;
    if (begun === 3) enough.resolve();
  });
  expect(begun).toBe(1);
  await enough.promise;
  await loop.stop();
  expect(under).toBe(0);
  const done = begun;
  await new Promise((resolve) => setTimeout(resolve, 10));
  expect(begun).toBe(done);
});
