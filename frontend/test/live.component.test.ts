import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import type { ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MANDATORY_KEYS, recordOf, urlVariable } from '@valerix/system';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { CHAOS_OFF, type LiveOrders, type LiveSecond, type LiveSnapshot } from '../src/live/live-types.ts';
import { readConfig } from '../src/server/config.ts';
import { Dashboard } from '../src/server/dashboard.ts';
import { readEventStream } from '../src/server/event-stream.ts';
import { LiveHub } from '../src/server/live-hub.ts';
import { type Served, serve, serveHandler, until } from './serve.ts';

let order: Served;
let inventory: Served;
let dashboard: Dashboard;
let seesOrders: boolean;
let served: Served;
let alertmanager: Served;
let requests: number;
let failed: number;
let scrapes: number;
let folder: string;
let streams: ServerResponse[];
let lastEventIds: Array<string | undefined>;
let down: boolean;
/** What the inventory service answers about chaos; `null`: it has none. */
let chaos: object | null;

const event = (index: number) => ({
  event_id: `0190a6c1-0000-7000-8000-${String(index).padStart(12, '0')}`,
  event_version: 1,
  type: 'order.confirmed',
  order_id: '0190a6c1-0000-7000-8000-000000000001',
  occurred_at: '2026-01-01T00:00:00Z',
  correlation_id: 'c',
  causation_id: 'c',
  data: {},
});

/** What Prometheus knows: the alerts' rules, and which alerts fired. */
const PROMETHEUS: ReadonlyArray<readonly [path: string, data: object]> = [
  [
    '/api/v1/rules',
    {
      groups: [
        {
          rules: [
            { name: 'QueueBacklog', query: 'max(order_queue_depth{job="order-service"}) > 100' },
            { name: 'BothDown', query: 'up{job="order-service"} + up{job="payment-service"} == 0' },
          ],
        },
      ],
    },
  ],
  [
    '/api/v1/query',
    {
      result: [
        { metric: { alertname: 'QueueBacklog', severity: 'ticket' } },
        { metric: { alertname: 'HighLatency', severity: 'page', job: 'order-service' } },
        { metric: { alertname: 'HighLatency', severity: 'page', job: 'inventory-service' } },
        { metric: { alertname: 'BothDown', severity: 'page' } },
      ],
    },
  ],
];

beforeEach(async () => {
  [requests, failed, scrapes, streams, lastEventIds, down, chaos, seesOrders] = [0, 0, 0, [], [], false, null, true];
  order = await serve((req, res) => {
    if (down) return void res.destroy();
    if (req.url === '/metrics') {
      scrapes += 1;
      return void res.end(
        [
          `http_request_duration_seconds_sum{route="/api/orders"} ${requests * 0.7}`,
          `http_request_duration_seconds_count{route="/api/orders",status_code="201"} ${requests}`,
          `orders_created_total{status="confirmed"} ${requests}`,
          `orders_created_total{status="queued"} ${requests * 3}`,
          'circuit_breaker_state{service="inventory-service"} 1',
          'order_queue_depth 4',
          `process_start_time_seconds ${Date.now() / 1000 - 90}`,
          'db_pool_in_use{pool="orders"} 9',
          'db_pool_max{pool="orders"} 9',
          'db_pool_waiting{pool="orders"} 2',
          'participant_bulkhead_in_use{service="inventory-service"} 1',
          'participant_bulkhead_max{service="inventory-service"} 64',
          `participant_calls_total{service="inventory-service",outcome="applied"} ${requests * 3}`,
          `participant_calls_total{service="inventory-service",outcome="unknown"} ${requests}`,
          `participant_calls_total{service="inventory-service",outcome="not-sent"} ${requests * 9}`,
          `http_request_duration_seconds_count{method="POST",route="/api/orders",status_code="503"} ${failed}`,
        ].join('\n'),
      );
    }
    if (req.url === '/api/orders/stream') {
      lastEventIds.push(req.headers['last-event-id'] as string | undefined);
      res.writeHead(200, { 'content-type': 'text/event-stream' });
      res.flushHeaders();
      return void streams.push(res);
    }
    if (req.url === '/health') {
      const checks = {};
      return void res.end(
        JSON.stringify({ status: 'up', service: 'order-service', version: '1.2.3', uptime_seconds: 1, checks }),
      );
    }
    res.writeHead(404).end('{}');
  });
  inventory = await serve((req, res) => {
    if (chaos === null || req.url !== '/api/admin/chaos') return void res.writeHead(404).end();
    res.end(JSON.stringify(chaos));
  });
  alertmanager = await serve((req, res) => {
    const known = PROMETHEUS.find(([path]) => req.url?.startsWith(path));
    if (known) return void res.end(JSON.stringify({ data: known[1] }));
    const labels = { alertname: 'OrdersSlow', severity: 'critical' };
    const annotations = { summary: 'Something is slow.', description: 'Orders are slow.' };
    const one = { labels, annotations, startsAt: '2026-01-01T00:00:00Z' };
    res.end(JSON.stringify([one]));
  });
  folder = mkdtempSync(join(tmpdir(), 'valerix-history-'));
  const config = readConfig({
    ...recordOf(MANDATORY_KEYS.map(urlVariable), () => inventory.url),
    ORDER_URL: order.url,
    OPERATOR_TOKEN: 't',
    ALERTMANAGER_URL: alertmanager.url,
    PROMETHEUS_URL: alertmanager.url,
    HISTORY_FILE: join(folder, 'history.json'),
  });
  dashboard = new Dashboard(config, () => undefined);
  served = await serveHandler(
    (request) => new Response(dashboard.hub.watch(dashboard.snapshot(), request.signal, seesOrders), { status: 200 }),
  );
  dashboard.start();
});
afterEach(async () => {
  dashboard.stop();
  for (const one of [served, order, inventory, alertmanager]) await one.close();
  rmSync(folder, { recursive: true });
});

async function* watch(signal: AbortSignal) {
  const response = await fetch(served.url, { signal });
  if (response.body === null) throw new Error('no stream');
  yield* readEventStream(response.body);
}

describe('the live data', () => {
  it('is scraped once for any number of browsers, and sent to each every second', async () => {
    const control = new AbortController();
    const seconds = await Promise.all(
      [1, 2, 3].map(async () => {
        const got: LiveSecond[] = [];
        for await (const message of watch(control.signal)) {
          if (message.event === 'snapshot') expect((JSON.parse(message.data) as LiveSnapshot).events).toEqual([]);
          if (message.event !== 'second') continue;
          requests += 1;
          got.push(JSON.parse(message.data) as LiveSecond);
          if (got.length === 4) break;
        }
        return got;
      }),
    );
    control.abort();
    const last = seconds[0]?.at(-1);
    expect(scrapes).toBeLessThanOrEqual(7);
    expect(last?.state.average_ms).toBeCloseTo(700);
    expect(last?.state.queue?.depth).toBe(4);
    const { accepted = 0, confirmed = 0 } = last?.state.at_once ?? {};
    expect(confirmed / accepted).toBeCloseTo(0.25);
    expect(last?.state.breakers[0]?.state).toBe('open');
    expect(last?.state.services.order.replicas[0]).toMatchObject({ up: true, error: null });
    // What a service does not offer is an error with an unknown value, never a good value.
    expect(last?.state.integrity).toMatchObject({ value: null, error: 'not offered by this service' });
    expect(last?.state.chaos).toMatchObject({ value: null, error: CHAOS_OFF });
    expect(last?.state.alerts?.value).toEqual([
      { name: 'OrdersSlow', severity: 'critical', summary: 'Orders are slow.', since: '2026-01-01T00:00:00Z' },
    ]);
  });

  it('does not ask for an optional service without an address, and does not call it down', async () => {
    requests = 1;
    await until('a first scrape', () => dashboard.snapshot().state?.queue?.depth === 4);
    const health = { value: null, age_ms: null, error: null };
    expect(dashboard.snapshot().state?.services.payment).toMatchObject({ replicas: [], health });
  });

  it('says that a service is down, and shows no old gauge as new', async () => {
    requests = 1;
    await until('a first scrape', () => dashboard.snapshot().state?.queue?.depth === 4);
    requests = 5;
    await until('an average', () => dashboard.snapshot().state?.average_ms !== null);
    down = true;
    await until('the service is seen down', () => dashboard.snapshot().state?.services.order.replicas[0]?.up === false);
    const state = dashboard.snapshot().state;
    expect(state?.queue).toBeNull();
    expect(state?.average_ms).toBeNull();
    expect(state?.breakers).toEqual([]);
    expect(state?.services.order.p95_ms).toBeNull();
    expect(state?.services.order.replicas[0]?.error).toMatch(/closed|refused/);
    await until('the chart has a gap', () => dashboard.snapshot().points.at(-1)?.confirmed === null);
    expect(dashboard.snapshot().points.at(-1)?.queue).toBeNull();
  });

  it('does not call chaos safe while the services cannot read it, and keeps the faults that may return until they expire', async () => {
    const fault = {
      id: 'f1',
      service: 'inventory-service',
      point: 'inbound',
      type: 'latency',
      match: {},
      percentage: 100,
      params: { latency_ms: 100 },
      seed: 1,
      created_by: 'ann',
      reason: 'a test',
      created_at: '2026-01-01T00:00:00Z',
      expires_at: '2026-01-01T00:05:00Z',
      matched: 0,
      fired: 0,
      remaining_ms: 4_000,
      confirmed_by: [],
    };
    const off = { latency: false, latency_ms: 0, crash_rate: 0, kill_rate: 0, partial_failure_rate: 0 };
    const halt = { halted: false, by: null, reason: null, at: null };
    const state = { chaos: off, halt, replicas: [], faults: [fault], faults_known: true };
    chaos = state;
    await until('the fault is known', () => dashboard.snapshot().points.at(-1)?.faults === 1);
    // Redis is away: the processes have dropped their faults, and Redis may still hold them.
    chaos = { ...state, faults: [], faults_known: false };
    await until('the faults are unknown', () => dashboard.snapshot().points.at(-1)?.faults === null);
    expect(dashboard.snapshot().state?.may_return.map(({ id }) => id)).toEqual(['f1']);
    await until('the fault has expired', () => dashboard.snapshot().state?.may_return.length === 0);
    expect(dashboard.snapshot().points.at(-1)?.faults).toBeNull();
    chaos = { ...state, faults: [], halt: { ...halt, halted: true }, faults_known: false };
    await until('a halt is known without Redis', () => dashboard.snapshot().points.at(-1)?.faults === 0);
  });

  it('sends no transition to a browser that may not see the orders of others', async () => {
    await until('the stream is open', () => streams.length === 1);
    streams[0]?.write(`event: order\nid: 9.1\ndata: ${JSON.stringify(event(1))}\n\n`);
    await until('it is in the snapshot', () => dashboard.snapshot().events.length === 1);
    seesOrders = false;
    const control = new AbortController();
    const names: string[] = [];
    for await (const { event: name, data } of watch(control.signal)) {
      if (name === 'snapshot') expect((JSON.parse(data) as LiveSnapshot).events).toEqual([]);
      streams[0]?.write(`event: order\nid: 9.2\ndata: ${JSON.stringify(event(2))}\n\n`);
      names.push(name);
      if (names.filter((one) => one === 'second').length === 2) break;
    }
    control.abort();
    expect(names).not.toContain('orders');
  });

  it('tells a browser that may not see orders which invariant is violated, and not by which order', async () => {
    const found_at = '2026-01-01T00:00:00Z';
    const violation = {
      invariant: 'I5',
      subject: event(1).order_id,
      detail: `${event(1).order_id} has no units`,
      found_at,
    };
    const value = { verdict: 'violated', violations: [violation] };
    const state = { integrity: { value, age_ms: 1, error: null } } as unknown as LiveSecond['state'];
    const hub = new LiveHub();
    const [first, second] = await Promise.all(
      [false, true].map(async (sees) => {
        const control = new AbortController();
        const stream = hub.watch({ state, points: [], events: [] }, control.signal, sees);
        hub.sendSecond({ state, point: {} as LiveSecond['point'] });
        hub.close();
        return new Response(stream).text();
      }),
    );
    expect(first?.match(/"invariant":"I5"/g)).toHaveLength(2);
    expect(first).not.toContain(event(1).order_id);
    expect(second?.match(new RegExp(event(1).order_id, 'g'))).toHaveLength(4);
  });

  it('sends each transition once to every browser, even to one that connects before the batch is sent', async () => {
    await until('the stream is open', () => streams.length === 1);
    const control = new AbortController();
    const follow = (ids: string[]) =>
      (async () => {
        for await (const { event: name, data } of watch(control.signal)) {
          const { events } = JSON.parse(data) as Partial<LiveSnapshot & LiveOrders>;
          if (name === 'snapshot' || name === 'orders') ids.push(...(events ?? []).map((one) => one.event_id));
        }
      })().catch(() => undefined);
    const all = Array.from({ length: 40 }, (_, index) => event(index).event_id);
    const browsers: string[][] = [[]];
    const watching = browsers.map(follow);
    await until('the first browser watches', () => dashboard.hub.watchers === 1);
    for (const [index] of all.entries()) {
      streams[0]?.write(`event: order\nid: 9.${index}\ndata: ${JSON.stringify(event(index))}\n\n`);
      await until('it is in the snapshot', () => dashboard.snapshot().events.length === index + 1);
      if (index % 10 !== 5) continue;
      const ids: string[] = [];
      browsers.push(ids);
      watching.push(follow(ids));
      await until('one more watches', () => dashboard.hub.watchers === browsers.length);
    }
    await until('each has the last', () => browsers.every((ids) => ids.at(-1) === all.at(-1)));
    for (const ids of browsers) expect(ids).toEqual(all);
    control.abort();
    await Promise.all(watching);
  });

  it('follows the order stream, resumes after a cut, and bounds a flood', async () => {
    await until('the stream is open', () => streams.length === 1);
    const control = new AbortController();
    const batches: LiveOrders[] = [];
    const watching = (async () => {
      for await (const message of watch(control.signal)) {
        if (message.event === 'orders') batches.push(JSON.parse(message.data) as LiveOrders);
      }
    })().catch(() => undefined);
    await until('the browser watches', () => dashboard.hub.watchers === 1);
    for (let i = 0; i < 100; i++) streams[0]?.write(`event: order\nid: 9.${i}\ndata: ${JSON.stringify(event(i))}\n\n`);
    streams[0]?.write('event: order\nid: 9.100\ndata: not json\n\n: alive\n\n');
    await until('batches came', () => batches.reduce((sum, one) => sum + one.events.length + one.skipped, 0) === 100);
    expect(Math.max(...batches.map((one) => one.events.length))).toBeLessThanOrEqual(25);
    expect(batches.at(-1)?.events.at(-1)?.event_id).toBe(event(99).event_id);
    streams[0]?.destroy();
    await until('the feed came back', () => streams.length === 2);
    expect(lastEventIds).toEqual([undefined, '9.99']);
    control.abort();
    await watching;
    await until('the watcher is gone', () => dashboard.hub.watchers === 0);
    expect(dashboard.snapshot().events).toHaveLength(60);
  });
});

describe('an open card', () => {
  it('shows what is known of each replica, its calls, its errors, and the alerts of its own that Prometheus remembers', async () => {
    await until('scraped', () => scrapes > 1);
    [requests, failed] = [5, 10];
    await until('counted', async () => (await dashboard.details('order')).errors.length > 0);
    const { replicas, errors, breakers, alerts } = await dashboard.details('order');
    expect(replicas).toEqual([
      {
        url: order.url,
        up: true,
        error: null,
        version: '1.2.3',
        uptime_seconds: expect.closeTo(90, -1),
        uses: [
          { name: 'pool orders', in_use: 9, max: 9, waiting: 2 },
          { name: 'bulkhead of inventory-service', in_use: 1, max: 64, waiting: null },
        ],
      },
    ]);
    expect(errors).toEqual([{ kind: '503 POST /api/orders', count: 10 }]);
    expect(breakers).toEqual([{ to: 'inventory', state: 'open', calls: 20, failed: 5, not_sent: 45 }]);
    expect(alerts?.map(({ name }) => name)).toEqual(['QueueBacklog', 'HighLatency']);
  });

  it('says of a replica that does not answer only that', async () => {
    down = true;
    await until('seen down', () => dashboard.snapshot().state?.services.order.replicas[0]?.error != null);
    const { replicas } = await dashboard.details('order');
    expect(replicas[0]).toMatchObject({ up: false, version: null, uptime_seconds: null, uses: [] });
  });
});

describe("the charts' last hour", () => {
  const again = () => new Dashboard(dashboard.config, () => undefined).snapshot().points;

  it('outlives a restart, ends unknown, and a damaged file costs no more than itself', async () => {
    // The last point may have the time of a second that is not over, and is then not read back.
    await until('three seconds', () => dashboard.snapshot().points.length >= 3);
    const points = [...dashboard.snapshot().points];
    dashboard.stop();
    expect(again().slice(0, 2)).toEqual(points.slice(0, 2));
    expect(again().at(-1)).toMatchObject({ confirmed: null, queue: null, faults: null });
    for (const damaged of ['{', '{}', 'null', '[1]']) {
      writeFileSync(join(folder, 'history.json'), damaged);
      expect(again()).toEqual([]);
    }
  });
});
