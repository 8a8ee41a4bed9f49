import { readFileSync } from 'node:fs';
import { FAILPOINTS, type Fault, type Integrity, type Order, type OrderEvent } from '@valerix/contracts';
import { describe, expect, it } from 'vitest';
import { readAll, toCsv } from '../src/browser/export.ts';
import { formatMs, formatQueued, formatRate, formatShare, formatSpan, shortId } from '../src/browser/format.ts';
import { auditWords, type Entry, foldRestocks } from '../src/chaos/audit-words.ts';
import { faultSentence, reasonWords } from '../src/chaos/fault-sentence.ts';
import { isOffered, RECIPES } from '../src/chaos/recipes.ts';
import { STEPS } from '../src/demo/steps.ts';
import { explainAnswer } from '../src/ordering/explain-answer.ts';
import { whyQueued } from '../src/ordering/why-queued.ts';
import { eventFacts } from '../src/orders/event-detail.ts';
import { groupTries, hitBy, storyOf, triesOf } from '../src/orders/order-story.ts';
import { partOf } from '../src/orders/search.ts';
import { breakerWords } from '../src/overview/breaker-words.ts';
import { alertTone, criticalFirst } from '../src/overview/critical-first.ts';
import { verdictOf } from '../src/overview/verdict.ts';
import { GLOSSARY } from '../src/ui/glossary.ts';
import { hasWords } from '../src/ui/has-words.ts';
import { EXPLAINED, partsOf } from '../src/ui/terms-in-text.ts';
import { stillList } from '../src/ui/use-still.ts';

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

  it('says what had been checked before the audit stood still', () => {
    const stopped = reading({ ...integrity, verdict: 'unknown', detail: 'the inventory service is down' });
    expect(verdictOf(stopped, 500, NOW).detail).toBe(
      'The inventory service is down. Until 2 s ago, 10 orders had been checked: none was lost or doubled.',
    );
  });

  it('is amber with a dead letter, whose stock may be taken', () => {
    expect(verdictOf(reading(integrity), 500, NOW, 1)).toMatchObject({
      tone: 'warn',
      detail: '1 order could not be settled, and may hold stock until an operator requeues or cancels.',
    });
    expect(verdictOf(reading(integrity), 500, NOW, 10_000).detail).toContain('10,000+ orders');
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
    [403, 'Refused', false],
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

describe('a queued order', () => {
  const event = (type: OrderEvent['type'], data: object = {}, causation_id = 'request') =>
    ({ type, data, causation_id, occurred_at: '2026-01-01T00:00:00Z', event_id: type }) as OrderEvent;
  const queued = (data: object) => event('order.queued', data);

  it('says why: the breaker was open, too many waited, or what became of the call', () => {
    const words = (data: object) => whyQueued(queued(data));
    expect(words({ kind: 'not-sent', cause: 'breaker-open' })).toContain('circuit breaker was open');
    expect(words({ kind: 'not-sent', cause: 'bulkhead-full' })).toContain('too many orders');
    expect(words({ kind: 'unknown', cause: 'timeout' })).toContain('did not answer in time');
    expect(words({ kind: 'unknown', cause: 'connection' })).toContain('was lost');
    expect(words({ kind: 'not-sent', cause: 'connection' })).toContain('could not be reached');
    expect(words({})).toContain('no usable answer');
    expect(words({ participant: 'payment', cause: 'timeout' })).toBe('the payment service did not answer in time');
  });

  it('a 202 says the reason once it is known, and blames no time limit before that', () => {
    const answer = { status: 202, headers: {}, body: null, text: '', ms: 1 };
    expect(explainAnswer(answer).text).not.toContain('time');
    expect(explainAnswer(answer, whyQueued(queued({ cause: 'breaker-open' }))).text).toContain('breaker was open');
  });

  it('counts the tries of its whole life, also after a cancellation has begun the count anew', () => {
    const events = [
      event('order.created'),
      queued({ cause: 'timeout' }),
      event('order.retry_scheduled', { cause: 'timeout' }, 'worker-attempt-1'),
      event('order.dead_lettered', { cause: 'timeout' }, 'worker-attempt-2'),
      event('order.redriven'),
      event('chaos.fault_fired', {}, 'worker-attempt-1'),
      event('order.confirmed', {}, 'worker-attempt-1'),
      event('order.cancelling'),
      event('order.cancelled'),
    ];
    expect(triesOf(events)).toBe(3);
    const order = { status: 'cancelled', attempts: 0, dead_lettered_at: null, next_attempt_at: null } as Order;
    expect(storyOf(order, events)[0]).toBe('Queued because the inventory service did not answer in time.');
  });

  it('says of a refused order whether something was taken first', () => {
    const order = { status: 'failed', reason: 'CARD_DECLINED', dead_lettered_at: null, next_attempt_at: null } as Order;
    const story = (...types: OrderEvent['type'][]) =>
      storyOf(
        order,
        types.map((type) => event(type)),
      ).join(' ');
    expect(story('order.created', 'order.failed')).toContain('Nothing was taken.');
    expect(story('order.created', 'order.compensating', 'order.failed')).toContain('taken for it was given back.');
  });

  it('is tied to the faults that hit it, not to others that are armed', () => {
    const mark = { type: 'chaos.fault_fired', data: { fault_id: 'f2' } } as unknown as OrderEvent;
    expect(hitBy([mark, mark], [{ id: 'f1' }, { id: 'f2' }])).toEqual([{ id: 'f2' }]);
    expect(hitBy([], [{ id: 'f1' }])).toEqual([]);
  });

  it('groups tries that ended alike, and no others', () => {
    const tries = ['timeout', 'timeout', 'status', 'timeout'].map((cause) => event('order.retry_scheduled', { cause }));
    expect(groupTries([event('order.created'), ...tries]).map((group) => group.length)).toEqual([1, 2, 1, 1]);
  });
});

describe('the circuit breaker', () => {
  it('does not say that calls go through while the service is down', () => {
    const replicas = [{ url: 'x', up: false, error: 'refused' }];
    const down = { replicas, error_rate: null, health: { value: null, age_ms: null, error: 'x' } };
    expect(breakerWords('closed', 'inventory', down)).toContain('it is down');
    expect(breakerWords('closed', 'inventory', undefined)).toBe('Calls to the inventory service are sent.');
  });
});

describe('the report of a game day', () => {
  it('gives outcomes and percentiles the colours that they have on the pages', () => {
    const read = (path: string) => readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8');
    const [pages, report] = [read('frontend/app/globals.css'), read('gameday/src/report/styles.ts')];
    for (const name of ['confirmed', 'queued', 'failed', 'unknown', 'p50', 'p95', 'p99']) {
      const [, ...own] = new RegExp(`--series-${name}: light-dark\\((#\\w+), (#\\w+)\\)`).exec(pages) ?? [];
      const inReport = report.matchAll(new RegExp(`--${name === 'failed' ? 'refused' : name}: (#\\w+);`, 'g'));
      expect([name, ...[...inReport].map(([, color]) => color)]).toEqual([name, ...own]);
    }
  });
});

describe('the glossary on pages', () => {
  it('says what docs/glossary.md says', () => {
    const document = readFileSync(new URL('../../docs/glossary.md', import.meta.url), 'utf8').replaceAll('`', '');
    const wrong = Object.entries(GLOSSARY).filter(([word, text]) => !document.includes(`| ${word} | ${text} |`));
    expect(wrong).toEqual([]);
  });

  it('finds its terms in a text, each once, the longest first', () => {
    const common =
      'adopt answer cancel class commit confirm customer dashboard order owner price read run service session user';
    const all = [...EXPLAINED.split('|'), ...common.split(' ')].sort();
    expect(all).toEqual(Object.keys(GLOSSARY).sort());
    const parts = partsOf('Faults end the payment deadline; a fault of a replica.');
    expect(parts.flatMap(({ word }) => word ?? [])).toEqual(['fault', 'payment deadline', 'replica']);
    expect(parts.map(({ plain }) => plain).join('')).toBe('Faults end the payment deadline; a fault of a replica.');
  });
});

describe('a search in a list', () => {
  it.each([
    ['', true],
    ['  ', true],
    ['crashes, money, Redis', true],
    ['redis crashes', true],
    ['schrodinger', true],
    ['SCHRÖDINGER,', true],
    ['crashes queue', false],
  ])('looks for each word of "%s", wherever it stands', (searched, isFound) => {
    expect(hasWords(searched, 'Schrödinger', null, 'When Redis crashes', 'money')).toBe(isFound);
  });
});

describe('the audit in words', () => {
  const entry = (id: string, action: Entry['action'], what: Record<string, unknown>, who = 'ann'): Entry => {
    return { id, action, what, who, principal: null, at: '', why: '', service: 'x' };
  };
  const fault = {
    id: 'f1',
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

  it('says which fault was armed, and which was disarmed', () => {
    const armed = entry('1', 'arm', { fault });
    const words = '30 % of deductions and releases are committed, then get no answer.';
    expect(auditWords(armed, [])).toBe(words);
    expect(auditWords(entry('2', 'disarm', { faults: ['f1'] }), [armed])).toBe(words);
    expect(auditWords(entry('2', 'disarm', { faults: ['a-longer-id'] }), [])).toBe('Fault a-longer.');
    const simple = { latency: true, latency_ms: 2_000, crash_rate: 0.1, kill_rate: 0, partial_failure_rate: 0.05 };
    expect(auditWords(entry('3', 'arm', { simple }), [])).toBe(
      'Deductions get a delay of 2,000 ms, errors for 10 %, partial failure for 5.0 %.',
    );
  });

  it('folds the restocks of one operator that follow each other', () => {
    const entries = [
      entry('1', 'restock', {}),
      entry('2', 'restock', {}),
      entry('3', 'restock', {}, 'bob'),
      entry('4', 'halt', {}),
      entry('5', 'restock', {}),
    ];
    expect(foldRestocks(entries).map((group) => group.map(({ id }) => id))).toEqual([['1', '2'], ['3'], ['4'], ['5']]);
  });
});

describe('a list under the mouse', () => {
  it('keeps its order, shows the present state of its entries, and counts the new ones', () => {
    const keyOf = ({ id }: { id: number }) => `${id}`;
    const entries = (...pairs: Array<[number, string]>) => pairs.map(([id, status]) => ({ id, status }));
    const items = entries([4, 'queued'], [3, 'queued'], [2, 'confirmed']);
    expect(stillList(items, entries([2, 'queued'], [1, 'queued']), keyOf)).toEqual({
      shown: entries([2, 'confirmed'], [1, 'queued']),
      fresh: 2,
    });
    expect(stillList(items, null, keyOf)).toEqual({ shown: items, fresh: 0 });
  });
});

describe('a search', () => {
  it('finds an order by its id as pages show it', () => {
    const id = '0190a6c1-0000-7000-8000-0000000abcde';
    expect(partOf(shortId(id))).toBe('000abcde');
    expect(id).toContain('000abcde');
    expect([partOf(' out of stock '), partOf('PS5'), partOf('Größe')]).toEqual(['out_of_stock', 'PS5', null]);
  });
});

describe('an export', () => {
  it('quotes what CSV needs quoted, and lets no text begin a formula', () => {
    expect(toCsv([{ a: 'x,"y"', b: null, c: -2, d: '=1+1', e: ['f'] }])).toBe(
      ['a,b,c,d,e', '"x,""y""",,-2,\'=1+1,"[""f""]"', ''].join('\r\n'),
    );
  });

  it('reads every page, and stops at the last', async () => {
    const cursors: Array<string | null> = [];
    const rows = await readAll(async (cursor) => {
      cursors.push(cursor);
      return { items: [cursors.length], next_cursor: cursors.length < 3 ? `${cursors.length}` : null };
    });
    expect([rows, cursors]).toEqual([
      [1, 2, 3],
      [null, '1', '2'],
    ]);
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

  it('says when no reason was given', () => {
    expect(['not given', 'lesson 2'].map(reasonWords)).toEqual(['no reason given', 'lesson 2']);
  });

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
    expect(facts('order.retry_scheduled')).toEqual(['try 2', 'connection', 'next try after 25 ms or later']);
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
