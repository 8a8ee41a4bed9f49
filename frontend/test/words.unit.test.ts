import { readFileSync } from 'node:fs';
import { FAILPOINTS, type Fault, type Integrity, type Order, type OrderEvent } from '@valerix/contracts';
import { describe, expect, it } from 'vitest';
import { formatMs, formatQueued, formatRate, formatShare, formatSpan, shortId } from '../src/browser/format.ts';
import { faultSentence } from '../src/chaos/fault-sentence.ts';
import { isOffered, RECIPES } from '../src/chaos/recipes.ts';
import { STEPS } from '../src/demo/steps.ts';
import { explainAnswer } from '../src/ordering/explain-answer.ts';
import { eventFacts } from '../src/orders/event-detail.ts';
import { alertTone, criticalFirst } from '../src/overview/critical-first.ts';
import { verdictOf } from '../src/overview/verdict.ts';

const NOW = Date.parse('2026-01-01T00:01:00Z');
const integrity: Integrity = {
  verdict: 'ok',
  checked_at: '2026-01-01T00:00:58Z',
  orders_checked: 10,
  lag_seconds: 0,
  violations: [],
  detail: null,
};
const reading = (value: Integrity | null, error: string | null = null) => ({ value, age_ms: 500, error });

describe('the verdict', () => {
  it('is green only for a fresh ok', () => {
    expect(verdictOf(reading(integrity), 500, NOW).tone).toBe('ok');
  });

  it.each([
    ['nothing was received', reading(null, 'not offered by this service'), 500],
    ['the last try failed', reading(integrity, 'connection refused'), 500],
    ['nothing came yet', undefined, null],
    ['the answer is old', reading(integrity), 16_000],
    ['the check is old', reading({ ...integrity, checked_at: '2026-01-01T00:00:20Z' }), 500],
    ['no check has finished', reading({ ...integrity, checked_at: null }), 500],
    ['the service does not know', reading({ ...integrity, verdict: 'unknown', detail: 'starting' }), 500],
  ])('is unknown when %s', (_, value, age) => {
    expect(verdictOf(value, age, NOW)).toMatchObject({ tone: 'unknown', title: 'Unknown' });
  });

  it('stays red when it is old: a violation does not repair itself', () => {
    const violated: Integrity = {
      ...integrity,
      verdict: 'violated',
      violations: [{ invariant: 'I4', subject: 'x', detail: 'deducted twice', found_at: '2026-01-01T00:00:00Z' }],
    };
    expect(verdictOf(reading(violated), 60_000, NOW)).toMatchObject({ tone: 'bad', title: '1 violation found' });
  });
});

describe('an answer in plain words', () => {
  const answer = (status: number, headers: Record<string, string> = {}, body: unknown = null) =>
    explainAnswer({ status, headers, body, text: '', ms: 1 });

  it.each([
    [201, 'Confirmed', false],
    [202, 'Accepted and queued', false],
    [409, 'Still in progress', true],
    [422, 'Refused', false],
    [429, 'Too busy', true],
    [503, 'Not available', true],
    [0, 'No answer', true],
    [504, 'No answer', true],
  ])('%d is "%s"', (status, title, retry) => {
    expect(answer(status).title).toBe(title);
    expect(answer(status).text.includes('Send it again')).toBe(retry);
  });

  it('says when it is a replay, when to come back, and why it was refused', () => {
    expect(answer(201, { 'idempotent-replayed': 'true' }).text).toContain('no second order was made');
    expect(answer(429, { 'retry-after': '3' }).text).toContain('in 3 s');
    expect(answer(422, {}, { code: 'IDEMPOTENCY_KEY_REUSED' }).text).toContain('already belongs to an order');
  });
});

describe('alerts', () => {
  it('come with critical ones first and in red: a short list must not hide them', () => {
    const alert = (name: string, severity: string) => ({ name, severity, summary: '', since: '' });
    const fired = [alert('a', 'info'), alert('b', 'ticket'), alert('c', 'critical'), alert('d', 'page')];
    const sorted = criticalFirst(fired);
    expect(sorted.map(({ name }) => name)).toEqual(['c', 'd', 'b', 'a']);
    expect(sorted.map(alertTone)).toEqual(['bad', 'bad', 'warn', 'info']);
  });

  it('are red where the rules of this repository page an operator', () => {
    const rules = readFileSync(new URL('../../monitoring/prometheus/rules/alerts.yml', import.meta.url), 'utf8');
    const severities = new Set([...rules.matchAll(/severity: (\S+)/g)].map(([, severity]) => severity ?? ''));
    const red = [...severities].filter((severity) => alertTone({ severity }) === 'bad');
    expect(red).toEqual(['page']);
  });
});

describe('a fault as a sentence', () => {
  const fault: Fault = {
    id: 'f',
    service: 'inventory-service',
    point: 'after-commit',
    type: 'drop-response',
    match: {},
    percentage: 30,
    params: {},
    seed: 1,
    created_by: 'a',
    reason: 'b',
    created_at: '2026-01-01T00:00:00Z',
    expires_at: '2026-01-01T00:05:00Z',
  };

  it('tells the share, the subject, the place and the effect', () => {
    const deduct = { method: 'POST', route: '/api/inventory/deduct' };
    expect(faultSentence({ ...fault, match: deduct })).toBe('30 % of deductions are committed, then get no answer.');
    expect(faultSentence({ ...fault, type: 'crash', percentage: 100, max_hits: 2 })).toBe(
      'All deductions and releases are committed, then kill the process, at most 2 times.',
    );
    expect(faultSentence({ ...fault, type: 'crash', percentage: 100, max_hits: 1 })).toBe(
      'All deductions and releases are committed, then kill the process, at most once.',
    );
    expect(
      faultSentence({
        ...fault,
        point: 'inbound',
        type: 'latency',
        every_nth: 3,
        params: { latency_ms: 500, latency_max_ms: 2000 },
        match: { ...deduct, item_id: 'ps5' },
      }),
    ).toBe('One in 3 deductions with item ps5 wait 500 ms to 2 s.');
    expect(faultSentence({ ...fault, point: 'inbound', match: { method: 'GET', route: '/api/inventory' } })).toBe(
      '30 % of requests to the inventory service on GET /api/inventory get no answer.',
    );
  });

  it('exists for each failpoint of the services', () => {
    for (const { service, point, types } of FAILPOINTS) {
      for (const type of types) {
        const sentence = faultSentence({ ...fault, service, point, type, params: { latency_ms: 100, hang_ms: 100 } });
        expect(sentence).toMatch(/^30 % of [a-zA-Z ]+.*\.$/);
        expect(sentence).not.toContain('"');
      }
    }
  });

  it('is offered only with its failpoint; the services have those of all cards', () => {
    expect(RECIPES.filter((recipe) => !isOffered(recipe, FAILPOINTS))).toEqual([]);
    expect(RECIPES.filter((recipe) => isOffered(recipe, []))).toEqual([]);
  });
});

describe('an entry of the timeline', () => {
  it('tells the next try, but none for a dead letter', () => {
    const data = { attempt: 2, kind: 'connection', delay_ms: 25 };
    const facts = (type: OrderEvent['type']) => eventFacts({ type, data } as unknown as OrderEvent);
    expect(facts('order.retry_scheduled')).toEqual(['try 2', 'connection', 'next try in 25 ms']);
    expect(facts('order.dead_lettered')).toEqual(['try 2', 'connection']);
  });
});

describe('a step of the demo', () => {
  it('counts one try as one', () => {
    const end = STEPS.find(({ id }) => id === 'end');
    const order = { status: 'confirmed', attempts: 1 } as Order;
    expect(end?.happened({ item: 'headset', disarmed: true, order }).text).toContain('after 1 background try.');
  });
});

describe('numbers', () => {
  it('are a dash when unknown, never a zero', () => {
    expect([0, 9_999, 10_000, null].map(formatQueued)).toEqual(['0', '9,999', '10,000+', '–']);
    expect([formatMs(null), formatRate(null), formatShare(null)]).toEqual(['–', '–', '–']);
  });

  it('are not a zero when they are small', () => {
    expect([formatRate(1 / 30), formatRate(0), formatRate(0.06)]).toEqual(['< 0.1', '0', '0.1']);
    expect([formatShare(0.0004), formatShare(0), formatShare(0.0006)]).toEqual(['< 0.1 %', '0 %', '0.1 %']);
  });

  it('fit their size', () => {
    expect([formatMs(4.23), formatMs(1234), formatMs(12_345)]).toEqual(['4.2 ms', '1,234 ms', '12.3 s']);
    expect([formatSpan(4_900), formatSpan(125_000), formatSpan(3_780_000)]).toEqual(['4 s', '2 min 5 s', '1 h 3 min']);
    expect(formatShare(0.0123)).toBe('1.2 %');
    expect(shortId('0190a6c1-0000-7000-8000-0000000abcde')).toBe('0190…000abcde');
  });
});
