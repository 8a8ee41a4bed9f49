import { once } from 'node:events';
import { createServer } from 'node:http';
import { json } from 'node:stream/consumers';
import { describe, expect, it } from 'vitest';
import { chart, niceCeiling } from '../src/report/chart.ts';
import { bringStock } from '../src/runner/bring-stock.ts';
import { weighEvidence } from '../src/runner/evidence.ts';
import { FaultLog } from '../src/runner/fault-log.ts';
import { LatencyHistogram } from '../src/runner/latency-histogram.ts';
import { wordsOf } from '../src/runner/providers.ts';
import { notRecoveredFrom, recoveries } from '../src/runner/recovery.ts';
import { runActivity } from '../src/runner/run-activity.ts';
import { repeatMethod } from '../src/runner/run-under-load.ts';
import { readMetrics } from '../src/runner/scrape.ts';
import { configurationOf, substitute } from '../src/runner/substitute.ts';
import { Tally } from '../src/runner/tally.ts';
import { isTolerated } from '../src/runner/tolerance.ts';
import { judge } from '../src/runner/verdict.ts';
import { good } from './support/good-findings.ts';

describe('tolerances', () => {
  const answer = { status: 200, body: { queue: { depth: 3 }, items: [{ id: 'a' }, { id: 'b' }] } };
  it.each([
    [200, answer, true],
    [503, answer, false],
    [[200, 202], answer, true],
    [[1, 5], 3, true],
    [true, true, true],
    ['up', 'down', false],
    [{ type: 'range', range: [0, 2], target: 'status' }, answer, false],
    [['a', 'c'], 'b', true],
    [['a', 'b', 'c'], 'b', true],
    [{ type: 'range', range: [-1, 2] }, '', false],
    [{ type: 'range', range: [-1, 2] }, null, false],
    [{ type: 'range', range: [-1, 2] }, '1.5', true],
    [{ type: 'regex', pattern: '"depth":3', target: 'body' }, answer, true],
    [{ type: 'regex', pattern: '(?i)(?P<name>DEPTH)' }, 'depth', true],
    [{ type: 'jsonpath', path: '$.queue.depth', target: 'body', expect: [3] }, answer, true],
    [{ type: 'jsonpath', path: '$.queue.depth', target: 'body', expect: 4 }, answer, false],
    [{ type: 'jsonpath', path: '$.items[*].id', target: 'body', count: 2 }, answer, true],
  ])('%j of %j: %s', (tolerance, output, expected) => {
    expect(isTolerated(tolerance as never, output)).toBe(expected);
  });

  it.each([
    ['$.items[?@.id == "b"].stock', { expect: [2] }, true],
    ['$.items[?@.id == "b"].stock', { expect: 3 }, false],
    ['$.items[?(@.stock > 1)].id', { expect: 'b' }, true],
    ['$.items[?@.stock < 1]', {}, false],
    ['$.items[?@.stock < 1]', { count: 0 }, true],
    ['$.items[?match(@.id, "[ab]")]', { count: 2 }, true],
    ['$.items[*].id', { expect: ['a', 'b'] }, true],
    ['$.items[*].id', { expect: ['b', 'a'] }, false],
    ['$..stock', { expect: [1, 2], count: 2 }, true],
    ["$.items[1]['id']", { expect: ['b'] }, true],
    ['$.tags', { expect: [[]] }, true],
    ['$.nothing.here', {}, false],
    ['$.nothing.here', { expect: [] }, true],
    ['$.items[*].id', { expect: [['a', 'b']] }, false],
    ['$.items[?@.id.constructor.constructor("throw 1")]', { count: 0 }, 'refused'],
  ])('should hold the body against the JSONPath %s with %j: %s', (path, more, expected) => {
    const body = {
      items: [
        { id: 'a', stock: 1 },
        { id: 'b', stock: 2 },
      ],
      tags: [],
    };
    const tolerate = () => isTolerated({ type: 'jsonpath', path, target: 'body', ...more }, { status: 200, body });
    if (expected === 'refused') expect(tolerate).toThrow();
    else expect(tolerate()).toBe(expected);
  });
});

describe('a tolerance of type probe', () => {
  it.each([
    ['true', true],
    ['false', false],
    ['no-such-program', false],
  ])('is judged by its program: %s', async (path, met) => {
    const tolerance = { type: 'probe' as const, name: 'judge', provider: { type: 'process' as const, path } };
    const provider = { type: 'process' as const, path: 'echo', arguments: ['hello'] };
    const context = { target: { act: () => Promise.reject(new Error('not asked')) }, configuration: {} };
    const run = await runActivity({ type: 'probe', name: 'say', provider, tolerance }, context);
    expect([run.tolerance_met, run.output]).toMatchObject([met, { status: 0, stdout: 'hello\n' }]);
  });
});

describe('the method', () => {
  it('begins anew at the start of each of its rounds, however short it is', async () => {
    const began: number[] = [];
    const zero = performance.now();
    const now = () => performance.now() - zero;
    const act = async () => {
      began.push(now());
      return { detail: '' };
    };
    const step = {
      type: 'action' as const,
      name: 'act',
      provider: { type: 'process' as const, path: 'valerix-target', arguments: ['act'] },
    };
    const experiment = { document: { method: [step], rollbacks: [] }, valerix: { rounds: 3 } } as never;
    const run = { experiment, now, durationS: 0.3, context: { target: { act }, configuration: {} } };
    await repeatMethod(run, new AbortController().signal, []);
    expect(began).toHaveLength(3);
    for (const [round, at] of began.entries()) expect(at).toBeGreaterThanOrEqual(round * 100 - 2);
    expect(now()).toBeGreaterThanOrEqual(298);
  });
});

describe('the words of a command', () => {
  it.each([
    ['kill \'order service\' --why="two words" ', ['kill', 'order service', '--why=two words']],
    [
      ['a', 1, ''],
      ['a', '1'],
    ],
    [{ '--flag': '', '--n': 2, value: { a: 1 } }, ['--flag', '--n', '2', 'value', '{"a":1}']],
  ])('%j', (given, words) => {
    expect(wordsOf(given)).toEqual(words);
  });
});

describe('the configuration', () => {
  const given = { a: { type: 'env', key: 'A', default: 'x', env_var_type: 'str' }, b: 5 };
  const secrets = { shop: { token: { type: 'env', key: 'TOKEN', default: 'secret', env_var_type: 'str' } } };
  const of = (configuration: Record<string, unknown>, env = {}) => configurationOf({ configuration, secrets }, env);

  it('should take variables, then defaults, and say what is missing', () => {
    expect(of(given, { A: 'set' })).toEqual({ token: 'secret', a: 'set', b: 5 });
    expect(of(given)).toEqual({ token: 'secret', a: 'x', b: 5 });
    expect(() => of({ c: { type: 'env', key: 'C', env_var_type: 'str' } })).toThrow(/configuration\.c: C is not set/);
  });

  it('should give a variable its type', () => {
    const number = { n: { type: 'env', key: 'N', env_var_type: 'int' } };
    expect(of(number, { N: '7' }).n).toBe(7);
    expect(() => of(number, { N: '7.5' })).toThrow(/configuration\.n: N must be a number/);
  });

  // biome-ignore-start lint/suspicious/noTemplateCurlyInString: it is the format of the experiments.
  it('should keep the type of a value that stands alone, and leave names that it does not know', () => {
    const values = { a: 'x', b: 5, list: [1, 2] };
    expect(substitute({ url: ['${a}/${b}'], n: '${b}', all: '${list}' }, values)).toEqual({
      url: ['x/5'],
      n: 5,
      all: [1, 2],
    });
    expect(substitute('${nothing} $HOME ${toString}', values)).toBe('${nothing} $HOME ${toString}');
  });
  // biome-ignore-end lint/suspicious/noTemplateCurlyInString: it is the format of the experiments.
});

describe('the verdict', () => {
  const lost = { invariant: 'I7' as const, class: 'lost' as const, subject: 'x', detail: 'y' };
  const missing = { kind: 'breaker-opened' as const, at_least: 1, expected: 'the breaker opened', seen: 0, met: false };

  it.each([
    ['nothing wrong', {}, 'PASS'],
    ['a violation', { violations: [lost] }, 'FAIL'],
    ['a violation without its evidence', { violations: [lost], evidence: [missing] }, 'FAIL'],
    ['no steady state afterwards', { after: { steady_state_met: false, probes: [] } }, 'FAIL'],
    ['missing evidence', { evidence: [missing] }, 'INCONCLUSIVE'],
    ['an incomplete drain', { drained: { complete: false, seconds: 90, open: 3, deadLettered: 0 } }, 'INCONCLUSIVE'],
    ['orders that were due and not sent', { notSent: 3 }, 'INCONCLUSIVE'],
    ['a recovery that nobody saw', { notRecovered: 'down' }, 'INCONCLUSIVE'],
    ['no steady state before', { before: { steady_state_met: false, probes: [] } }, 'INCONCLUSIVE'],
    ['a kill that no process died of', { deathsUnseen: ['it crashes'] }, 'INCONCLUSIVE'],
    ['an interruption', { interrupted: 'SIGINT' }, 'INCONCLUSIVE'],
    ['a failed step', { failedSteps: ['"kill": no'] }, 'INCONCLUSIVE'],
    ['databases that cannot be read', { unchecked: 'gone' }, 'INCONCLUSIVE'],
  ])('with %s: %s', (_, changes, verdict) => {
    expect(judge({ ...good, ...changes }).verdict).toBe(verdict);
  });

  it('should not say that it counted violations which it only found', () => {
    const reasons = (unlisted: number) => judge({ ...good, violations: [lost, lost], unlisted }).reasons;
    expect(reasons(0)).toEqual(['I7 is broken (2 found).']);
    expect(reasons(3)).toEqual(['I7 is broken (2 or more found).']);
  });

  it('should count an order without an answer as no order', () => {
    const tally = new Tally();
    for (const [op, answer] of [{ status: 201 }, { status: 202 }, { status: 422 }].entries()) {
      tally.add({ t: 0, op, f: 'place', type: 'invoke' });
      tally.add({ t: 1, op, f: 'place', type: 'ok', ...answer });
    }
    tally.add({ t: 0, op: 3, f: 'place', type: 'invoke' });
    tally.add({ t: 1, op: 3, f: 'place', type: 'unknown', status: 503 });
    tally.add({ t: 0, op: 4, f: 'place', type: 'invoke' });
    tally.add({ t: 1, op: 4, f: 'place', type: 'fail', status: 404 });
    tally.add({ t: 0, op: 5, f: 'place', type: 'invoke' });
    const sources = {
      faults: [],
      observations: { samples: [], breakerOpened: 0 },
      totals: tally.totals,
      recovered: 0,
    };
    expect(weighEvidence([{ kind: 'orders-placed', at_least: 1 }], sources)).toMatchObject([{ seen: 3 }]);
  });

  it('should count a fault that never fired as no evidence', () => {
    const faults = [
      { name: 'a', kind: 'injected' as const, from: 0, to: 1, fired: 0 },
      { name: 'b', kind: 'target' as const, from: 0, to: 1, fired: 1 },
    ];
    const sources = {
      faults,
      observations: { samples: [], breakerOpened: 0 },
      totals: new Tally().totals,
      recovered: 0,
    };
    const weigh = (kind: never, of?: string) =>
      weighEvidence([{ kind, at_least: 1, ...(of && { of }) }], sources)[0]?.met;
    expect(weigh('every-fault-fired' as never)).toBe(false);
    expect(weigh('fault-fired' as never)).toBe(false);
    expect(weigh('target-acted' as never, 'b')).toBe(true);
  });
});

describe('the fault log', () => {
  it('should end a fault by its opposite, by its expiry, and when it is disarmed', () => {
    let now = 0;
    const log = new FaultLog(() => now);
    const action = (name: string, provider: object) => ({ type: 'action', name, provider }) as never;
    const post = { type: 'http', method: 'POST', url: 'http://x/api/admin/chaos/faults' };
    log.note(action('down', { type: 'process' }), {}, { detail: '', begins: 'stop x' }, 0);
    const fault = { id: 'f1', created_at: '2026-01-01T00:00:00Z', expires_at: '2026-01-01T00:00:10Z' };
    log.note(action('slow', post), { body: { fault } }, undefined, 0);
    log.note(action('lost', post), { body: { fault: { ...fault, id: 'f2' } } }, undefined, 0);
    const state = (faults: object[]) => ({ halt: { halted: false }, faults, replicas: [] }) as never;
    log.update(
      state([
        { id: 'f1', fired: 3 },
        { id: 'f2', fired: 1 },
      ]),
    );
    now = 1_000;
    log.note(action('up', { type: 'process' }), {}, { detail: '', ends: 'stop x' }, 1_000);
    now = 2_000;
    log.update(state([{ id: 'f1', fired: 5 }]));
    now = 12_000;
    log.update(state([]));
    expect(log.active).toEqual([]);
    expect(log.windows).toMatchObject([
      { name: 'down', from: 0, to: 1_000, fired: 1 },
      { name: 'slow', from: 0, to: 10_000, fired: 5 },
      { name: 'lost', from: 0, to: 2_000, fired: 1 },
    ]);
  });
});

describe('a fault that kills', () => {
  const action = (name: string, provider: object) => ({ type: 'action', name, provider }) as never;
  const post = { type: 'http', method: 'POST', url: 'http://x/api/admin/chaos/faults' };
  const armed = { id: 'f1', type: 'crash', service: 'order-service' };
  const dates = { created_at: '2026-01-01T00:00:00Z', expires_at: '2026-01-01T00:00:10Z' };

  /** A log of one crash of the order service; `report` gives it the hits, and the second in which each replica started. */
  function crashing() {
    let now = 0;
    const log = new FaultLog(() => now);
    const report = (at: number, fired: number, ...starts: [replica: string, second: number][]) => {
      now = at;
      const replicas = starts.map(([replica, second]) => ({
        service: replica.startsWith('order') ? 'order-service' : 'inventory-service',
        replica,
        started_at: `2026-01-01T00:00:0${second}.000Z`,
      }));
      log.update({ halt: { halted: false }, faults: [{ id: 'f1', fired }], replicas } as never);
    };
    report(0, 0, ['order-a', 1], ['order-b', 1], ['inventory', 1]);
    log.note(action('it crashes', post), { body: { fault: { ...armed, ...dates } } }, undefined, 1_000);
    const act = (begins: string) => {
      log.note(action(begins, {}), {}, { detail: '', begins }, now);
      return { report };
    };
    return { log, report, act };
  }
  const seen = ({ log }: ReturnType<typeof crashing>) => log.windows[0];

  it('has hit once the later start of a process is seen, however often it fired', () => {
    const run = crashing();
    run.report(2_000, 3, ['order-a', 1], ['order-b', 1]);
    expect(seen(run)).toMatchObject({ fired: 0, deathUnseen: true });
    run.report(3_000, 3, ['order-b', 1]);
    run.report(4_000, 3, ['order-a', 4], ['order-b', 1]);
    expect(seen(run)).toEqual({ name: 'it crashes', kind: 'injected', from: 1_000, fired: 1 });
    run.report(9_000, 3, ['order-a', 4], ['order-b', 9]);
    expect(seen(run)?.fired).toBe(2);
  });

  it('may be seen to have killed after it has ended', () => {
    const run = crashing();
    run.report(2_000, 1, ['order-a', 1]);
    run.log.endAll();
    run.report(8_000, 1, ['order-a', 8]);
    expect(seen(run)).toMatchObject({ fired: 1, to: 2_000 });
    expect(seen(run)).not.toHaveProperty('deathUnseen');
  });

  it.each<[string, (run: ReturnType<typeof crashing>) => void]>([
    ['a process of another service', (run) => run.report(4_000, 1, ['inventory', 4])],
    ['a process that was not there before', (run) => run.report(4_000, 1, ['order-c', 4])],
    ['a process that a command killed', (run) => run.act('kill order-a').report(4_000, 1, ['order-a', 4])],
    ['a process that a command restarted', (run) => run.act('restart order-a').report(4_000, 1, ['order-a', 4])],
    ['a version that does not tell when it started', (run) => run.report(4_000, 1)],
  ])('has not hit when all that is seen is the start of %s', (_what, happen) => {
    const run = crashing();
    run.report(2_000, 1);
    happen(run);
    expect(seen(run)).toMatchObject({ fired: 0, deathUnseen: true });
  });

  it('says nothing about a death while it has not fired', () => {
    const run = crashing();
    run.report(2_000, 0, ['order-a', 2]);
    expect(seen(run)).toEqual({ name: 'it crashes', kind: 'injected', from: 1_000, fired: 0 });
  });

  it.each([
    [true, { fired: 1 }],
    [false, { fired: 0, deathUnseen: true }],
  ])('counts a command by the death that the target saw: %s', async (died, window) => {
    const log = new FaultLog(() => 0);
    const effect = { detail: '', begins: 'kill x', died: Promise.resolve(died), over: Promise.resolve() };
    log.note(action('kill it', {}), {}, effect, 0);
    await Promise.resolve();
    expect(log.windows).toEqual([{ name: 'kill it', kind: 'target', from: 0, to: 0, ...window }]);
  });
});

describe('what is measured', () => {
  it('should give quantiles to within two percent', () => {
    const histogram = new LatencyHistogram();
    for (let ms = 1; ms <= 1_000; ms++) histogram.add(ms);
    expect(histogram.quantile(0.5) / 500).toBeCloseTo(1, 1);
    expect(histogram.quantile(1)).toBe(1_000);
    expect(new LatencyHistogram().quantile(0.99)).toBe(0);
  });

  it('should read metrics by name and label', () => {
    const text = '# HELP a b\na 3\nb_total{x="1",to="open"} 2\nb_total{to="closed"} 9\n';
    expect(readMetrics(text, ['a', 'b_total{to="open"}', 'c'])).toEqual(
      new Map([
        ['a', 3],
        ['b_total{to="open"}', 2],
      ]),
    );
  });

  it('should see the recovery in the first second that is well', () => {
    const tally = new Tally();
    for (let second = 0; second < 10; second++) {
      const t = second * 1_000 + 500;
      tally.add({ t, op: second, f: 'place', type: 'invoke' });
      tally.add({ t, op: second, f: 'place', type: 'ok', status: second < 5 ? 202 : 201, latency: 1, intended: t });
    }
    const samples = Array.from({ length: 20 }, (_, index) => ({ t: index * 500, queueDepth: index < 12 ? 50 : 0 }));
    const fault = { name: 'f', kind: 'target' as const, from: 0, to: 3_000, fired: 1 };
    expect(recoveries([fault], tally.seconds, samples)).toEqual([{ fault: 'f', endedAt: 3_000, seconds: 4 }]);
  });

  it('should not count the time of a later fault as the recovery of an earlier one', () => {
    const tally = new Tally();
    for (let second = 0; second < 12; second++) {
      const t = second * 1_000 + 500;
      tally.add({ t, op: second, f: 'place', type: 'invoke' });
      tally.add({ t, op: second, f: 'place', type: 'ok', status: second < 9 ? 202 : 201, latency: 1, intended: t });
    }
    const fault = (name: string, from: number, to: number) => ({ name, kind: 'target' as const, from, to, fired: 1 });
    expect(recoveries([fault('first', 0, 3_000), fault('second', 5_000, 7_000)], tally.seconds, [])).toEqual([
      { fault: 'first', endedAt: 3_000 },
      { fault: 'second', endedAt: 7_000, seconds: 3 },
    ]);
  });

  it('should miss a recovery only when clients ordered for ten seconds after the last fault', () => {
    const tally = new Tally();
    for (let second = 0; second < 20; second++) {
      const t = second * 1_000 + 500;
      tally.add({ t, op: second, f: 'place', type: 'invoke' });
    }
    // Given up on long after: no time in which clients ordered.
    tally.add({ t: 49_000, op: 19, f: 'place', type: 'unknown', status: 503 });
    const fault = (name: string, to: number) => ({ name, kind: 'target' as const, from: 0, to, fired: 1 });
    const missed = (...to: number[]) =>
      notRecoveredFrom(
        recoveries(
          to.map((ms) => fault(`until ${ms}`, ms)),
          tally.seconds,
          [],
        ),
        tally.seconds,
      );
    expect(missed(3_000, 10_000)).toBe('until 10000');
    expect(missed(3_000, 10_100)).toBeUndefined();
    expect(missed()).toBeUndefined();
    tally.add({ t: 12_600, op: 12, f: 'place', type: 'ok', status: 201 });
    expect(missed(3_000, 10_000)).toBeUndefined();
  });

  it('should round an axis up to a number people like', () => {
    expect([1, 7, 23, 101, 240].map(niceCeiling)).toEqual([1, 10, 25, 200, 250]);
  });

  it('should keep the last label of the time axis inside the chart', () => {
    const options = { title: 't', unit: 's', kind: 'lines', format: String } as const;
    const drawn = String(chart({ ...options, series: [], bands: [], seconds: 120 }));
    expect(drawn).toMatch(/text-anchor="middle">105 s</);
    expect(drawn).toMatch(/text-anchor="end">120 s</);
  });
});

describe('the stock that a run brings', () => {
  it('should grow with the orders of the run, in bookings that the inventory service accepts', async () => {
    const booked: unknown[] = [];
    const server = createServer(async (req, res) => {
      const { restock_id, quantity } = (await json(req)) as { restock_id: string; quantity: number };
      booked.push([req.url, restock_id, quantity]);
      res.end('{}');
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as { port: number };
    const target = { services: { inventory: { urls: [`http://127.0.0.1:${port}`] } }, operatorToken: 't' } as never;
    const stock = { ps5: 80_000, xbox: 0 };
    await bringStock(target, stock, 30, 'long');
    await bringStock(target, stock, 0.1, 'short');
    server.close();
    expect(booked).toEqual([
      ['/api/inventory/ps5/restock', 'long-ps5-1', 1_000_000],
      ['/api/inventory/ps5/restock', 'long-ps5-2', 1_000_000],
      ['/api/inventory/ps5/restock', 'long-ps5-3', 400_000],
      ['/api/inventory/ps5/restock', 'short-ps5-1', 80_000],
    ]);
  });
});
