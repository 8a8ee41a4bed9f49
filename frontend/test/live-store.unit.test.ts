import type { OrderEvent } from '@valerix/contracts';
import { expect, it } from 'vitest';
import { withNew } from '../src/browser/live-store.ts';
import { EVENTS_KEPT } from '../src/live/live-types.ts';

const events = (from: number, to: number) =>
  Array.from({ length: to - from }, (_, index) => ({ event_id: `e${from + index}` }) as OrderEvent);

it('keeps the newest transitions, without duplicates', () => {
  expect(withNew(events(0, 5), events(3, 8))).toEqual(events(0, 8));
  expect(withNew(events(0, EVENTS_KEPT), events(EVENTS_KEPT - 2, EVENTS_KEPT + 3))).toEqual(events(3, EVENTS_KEPT + 3));
});
