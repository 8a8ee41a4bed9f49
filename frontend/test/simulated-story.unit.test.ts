import { expect, it } from 'vitest';
import { readStory } from '../src/gamedays/simulated-story.ts';

const timeline = [
  { atMs: 12, what: 'client 0: place invoke', isFault: false },
  {
    atMs: 13.5,
    what: 'order-1>inventory-2: POST /api/inventory/commands deduct #0  IS LATE by 2000 ms',
    isFault: true,
  },
  { atMs: 14, what: 'order-1>inventory-2 reply: 200 #3', isFault: false },
  { atMs: 15, what: 'order-1 is dead', isFault: true },
];
const violations = [{ invariant: 'I6', subject: 'an order', detail: 'failed, yet its stock stays deducted' }];

it('tells what a failing seed left: who sent what to whom, and what was broken', () => {
  const { seed, steps, violations: broken } = readStory(JSON.stringify({ seed: 7, story: { timeline, violations } }));
  expect(seed).toBe(7);
  expect(broken).toEqual(violations);
  expect(steps).toEqual([
    { atMs: 12, route: null, what: 'client 0: place invoke', fault: null },
    {
      atMs: 13.5,
      route: 'order-1 to inventory-2',
      what: 'POST /api/inventory/commands deduct',
      fault: 'IS LATE by 2000 ms',
    },
    { atMs: 14, route: 'inventory-2 to order-1', what: '200', fault: null },
    { atMs: 15, route: null, what: 'order-1 is dead', fault: 'order-1 is dead' },
  ]);
});

it('says why a file is none', () => {
  expect(() => readStory('{')).toThrow('not JSON');
  expect(() => readStory('null')).toThrow('no story');
  expect(() => readStory('{"seed":7}')).toThrow('no story');
});
