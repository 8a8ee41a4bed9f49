import type { OrderEvent } from '@valerix/contracts';
import { describe, expect, it } from 'vitest';
import { FailedLater } from '../src/live/failed-later.ts';
import { bareTitle, failedNotice, newNotices, type Seen, titleMark, withNotices } from '../src/live/notices.ts';

describe('a notice', () => {
  const calm = { at: 1, violations: 0, deadLetters: 0, open: [], gameday: null };
  const seen = (change: Partial<Seen> = {}): Seen => ({ ...calm, ...change });

  it('comes once when something gets worse, and not when it gets better', () => {
    const bad = seen({ violations: 1, deadLetters: 2, open: ['inventory service'] });
    expect(newNotices(seen(), bad).map(({ tone }) => tone)).toEqual(['bad', 'bad', 'warn']);
    expect(newNotices(bad, bad)).toEqual([]);
    expect(newNotices(bad, seen())).toEqual([]);
    const marks = [titleMark(bad), titleMark(seen({ open: ['x'] })), titleMark(seen())];
    expect(marks).toEqual(['(!) ', '(·) ', '']);
    expect(marks.map((mark) => bareTitle(`${mark}Orders (2)`))).toEqual(Array(3).fill('Orders (2)'));
  });

  it('takes the place of an earlier one that says the same', () => {
    const [first, again, other] = [1, 2, 3].map(
      (at) => newNotices(seen(), seen({ at, open: [at === 3 ? 'payment service' : 'inventory service'] }))[0],
    );
    if (!first || !again || !other) throw new Error('no notice');
    expect(withNotices(withNotices([first], [other]), [again])).toEqual([other, again]);
  });

  it('says how a game day ended, once, and nothing of one that ended before the page was opened', () => {
    const run = { id: 'r1', title: 'Mix', state: 'running', verdict: null } as const;
    const over = { ...run, state: 'finished', verdict: 'FAIL' } as const;
    const [notice, ...more] = newNotices(seen({ gameday: run }), seen({ gameday: over }));
    expect(notice).toMatchObject({ tone: 'bad', text: 'The game day “Mix” ended: FAIL.', href: '/gamedays/r1' });
    expect(more).toEqual([]);
    expect(newNotices(seen({ gameday: over }), seen({ gameday: over }))).toEqual([]);
    expect(newNotices(seen(), seen({ gameday: over }))).toEqual([]);
  });

  it('comes for an order that failed after its 202, once, and for no other', () => {
    let nth = 0;
    const event = (order_id: string, type: OrderEvent['type']) =>
      ({ event_id: `${nth++}`, order_id, type }) as OrderEvent;
    const heard = new FailedLater();
    const first = [event('a', 'order.queued'), event('b', 'order.queued'), event('c', 'order.failed')];
    expect(heard.hear(first)).toEqual([]);
    const second = [...first, event('a', 'order.failed'), event('b', 'order.confirmed'), event('b', 'order.failed')];
    expect(heard.hear(second)).toEqual(['a']);
    expect(heard.hear(second)).toEqual([]);
    expect(failedNotice(['a'], 1)[0]?.href).toBe('/orders/a');
    expect(failedNotice(['a', 'b'], 1)[0]?.text).toBe('2 orders that were accepted with 202 failed.');
  });
});
