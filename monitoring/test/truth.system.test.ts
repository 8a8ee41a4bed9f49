import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { startStack } from '@valerix/local-stack';
import { releasePorts, reservePorts } from '@valerix/local-stack/machine/free-ports';
import { afterAll, beforeAll, expect, it } from 'vitest';
import {
  AVERAGE_WINDOW_MS,
  averageResponseTimeMs,
  CRITICAL_ABOVE_MS,
  type RequestIncrease,
  responseTimeLevel,
  SLOW_ABOVE_MS,
} from '../../frontend/src/live/average-response-time.ts';
import { parsePrometheusText } from '../../frontend/src/server/prometheus-text.ts';
import { ReplicaCounters } from '../../frontend/src/server/replica-counters.ts';
import { eventually } from '../../test/support/eventually.ts';
import { pidsNaming, RunningCommand } from '../../test/support/running-command.ts';
import { startSink } from '../src/alertmanager-server.ts';
import { alerts } from '../src/alerts.ts';
import { burnAlerts, classroomAlerts } from '../src/burn-alerts.ts';
import { dashboards } from '../src/dashboards/index.ts';
import { jobIs } from '../src/promql.ts';
import { AVERAGE_RESPONSE_TIME } from '../src/recording-rules.ts';
import { RESPONSE_TIME_AMBER_SECONDS, RESPONSE_TIME_RED_SECONDS } from '../src/thresholds.ts';
import { type ObservedStack, startObservedStack } from './support/observed-stack.ts';
import { send, startLoad } from './support/order-load.ts';
import { firingAlerts, query } from './support/prometheus-queries.ts';
import { dashboardQueries, readsOf } from './support/read-queries.ts';

const MAIN = join(import.meta.dirname, '../src/main.ts');

/** A system whose protections wait: no breaker, and ten seconds of patience with the inventory service. */
const relaxed = {
  INVENTORY_DEADLINE_MS: '10000',
  INVENTORY_ATTEMPT_TIMEOUT_MS: '10000',
  BREAKER_MIN_CALLS: '1000000',
  LEASE_MS: '25000',
};

let observed: ObservedStack;
let load: { stop(): Promise<void> };
beforeAll(async () => {
  observed = await startObservedStack({ env: { order: relaxed } });
  await restock('ps5', 1_000_000);
  load = startLoad(observed.orderUrl, 10, 'ps5');
});
afterAll(async () => {
  await load?.stop();
  await observed?.stop();
});

const restock = (item: string, quantity: number) =>
  observed.operate('POST', `/api/inventory/${item}/restock`, { restock_id: randomUUID(), quantity });

/** The order service's average as Prometheus records it, in seconds. */
const recordedAverage = async () =>
  (await query(observed.prometheus, `${AVERAGE_RESPONSE_TIME}{${jobIs('order')}}`))[0]?.value ?? Number.NaN;

/** The colour of the tile "Response time" of the Overview for a value, by the thresholds in its JSON. */
function tileColor(seconds: number): string | undefined {
  const panel = dashboards.overview?.panels?.find(({ title }) => title === 'Response time, 30 s average');
  const steps = (panel && 'fieldConfig' in panel && panel.fieldConfig?.defaults.thresholds?.steps) || [];
  return steps.filter(({ value }) => value === null || seconds >= value).at(-1)?.color;
}

/** Reads `/metrics` every half second with the dashboard's own code, until stopped. */
function watchAsTheDashboard() {
  const counters = new ReplicaCounters();
  const increases: RequestIncrease[] = [];
  let running = true;
  const loop = (async () => {
    while (running) {
      const text = await (await fetch(`${observed.orderUrl}/metrics`)).text();
      const increase = counters.observe(parsePrometheusText(text), Date.now());
      if (increase) increases.push(increase);
      await sleep(500);
    }
  })();
  return {
    averageMs: (atMs: number) => averageResponseTimeMs(increases, atMs),
    async [Symbol.asyncDispose]() {
      running = false;
      await loop;
    },
  };
}

// These two wait most of the time: side by side.
it.concurrent('slow is red and fires, well is green and resolved, and everybody says the same number', async () => {
  await using dashboard = watchAsTheDashboard();
  const before = await eventually(async () => {
    const average = await recordedAverage();
    expect(average).toBeGreaterThan(0);
    return average;
  });
  const firstAverage = Date.now();
  expect([tileColor(before), responseTimeLevel(before * 1000)]).toEqual(['green', 'ok']);
  expect(await firingAlerts(observed.prometheus)).not.toContain('HighLatency');

  await observed.operate('POST', '/api/admin/chaos', { latency: true, latency_ms: 3000, ttl_seconds: 120 });
  await eventually(async () => expect(await firingAlerts(observed.prometheus)).toContain('HighLatency'), 90_000);
  const slow = await recordedAverage();
  expect([tileColor(slow), responseTimeLevel(slow * 1000)]).toEqual(['red', 'critical']);

  await observed.operate('DELETE', '/api/admin/chaos');
  await eventually(async () => expect(await firingAlerts(observed.prometheus)).not.toContain('HighLatency'), 60_000);
  // From here on both look at 30 s of their own; the slow requests leave the window meanwhile.
  await sleep(Math.max(0, firstAverage + AVERAGE_WINDOW_MS - Date.now()));
  const recorded: { at: number; average: number }[] = [];
  await eventually(async () => {
    recorded.push({ at: Date.now(), average: await recordedAverage() });
    await sleep(500);
    expect(recorded.at(-1)?.average).toBeLessThan(RESPONSE_TIME_AMBER_SECONDS);
  }, 60_000);
  expect(tileColor(recorded.at(-1)?.average as number)).toBe('green');
  expect(recorded.length).toBeGreaterThan(5);
  for (const { at, average } of recorded) {
    // Scrape and rule each lag by up to a second, and a rate starts at the first sample inside its window: what Prometheus
    // says now, the dashboard said within the last three seconds or says in a moment.
    const times = [-1500, -1000, -500, 0, 500, 1000, 1500, 2000, 2500, 3000];
    const recent = times.map((ms) => (dashboard.averageMs(at - ms) ?? 0) / 1000);
    expect(average).toBeGreaterThan(Math.min(...recent) - 0.05);
    expect(average).toBeLessThan(Math.max(...recent) + 0.05);
  }
});

it.concurrent('a service that dies is told to ALERT_WEBHOOK_URL, and Ctrl-C ends all that make monitoring started', async () => {
  const told: string[] = [];
  const webhook = await startSink((line) => told.push(line));
  const stack = await startStack();
  const ports = await reservePorts(2);
  const [PROMETHEUS_PORT, ALERTMANAGER_PORT] = ports.map(String);
  const own = { VALERIX_HOME: stack.home, PROMETHEUS_PORT, ALERTMANAGER_PORT, ALERT_WEBHOOK_URL: webhook.url };
  const monitoring = new RunningCommand(MAIN, [], { ...process.env, ...own });
  const servers = () => ['prometheus', 'alertmanager'].flatMap((server) => pidsNaming(join(stack.home, server)));
  try {
    await monitoring.says('Ctrl-C stops this, not the system.');
    expect(monitoring.output).toContain(`alerts are sent to ${new URL(webhook.url).origin}`);
    expect(servers()).toHaveLength(2);

    await stack.process('inventory-service').hold();
    // The rule waits for 15 s, a group for 5 s; scrapes and rules run every 5 s.
    await eventually(
      () => expect(told).toContainEqual(expect.stringMatching(/^FIRING +ServiceDown \(page\): /)),
      120_000,
    );
    expect(told.join('\n')).toContain('inventory-service');
    expect(told.join('\n')).not.toContain('order-service');

    monitoring.signal('SIGINT');
    expect(await monitoring.exit).toBe(0);
    expect(servers()).toEqual([]);
  } finally {
    monitoring.signal('SIGINT');
    await monitoring.exit;
    await stack.stop();
    await webhook.stop();
    releasePorts(ports);
  }
});

it('the dashboard and Grafana turn amber and red at the same values', () => {
  expect([SLOW_ABOVE_MS, CRITICAL_ABOVE_MS]).toEqual([
    RESPONSE_TIME_AMBER_SECONDS * 1000,
    RESPONSE_TIME_RED_SECONDS * 1000,
  ]);
});

/** What every panel, alert and rule asks, as Grafana would ask it, by where it stands. */
function everyExpression(): Map<string, string> {
  const asked = new Map<string, string>();
  for (const { dashboard, panel, expr } of dashboardQueries()) asked.set(expr, `${dashboard}: ${panel}`);
  // An alert is empty while all is well; what it compares must not be.
  for (const { name, expr } of [...alerts, ...burnAlerts, ...classroomAlerts]) {
    for (const { text } of readsOf(expr).selectors) asked.set(text, `alert ${name}`);
  }
  return new Map([...asked].map(([expr, where]) => [expr.replaceAll('$__rate_interval', '20s'), where]));
}

it('every query of every panel and alert has an answer', async () => {
  await restock('laptop', 1);
  for (let n = 0; n < 20; n++) await send(observed.orderUrl, 'laptop', randomUUID(), 5_000);
  const arm = (fault: object) => observed.operate('POST', '/api/admin/chaos/faults', { ttl_seconds: 120, ...fault });
  await arm({ service: 'inventory-service', point: 'inbound', type: 'error', percentage: 40, params: { status: 500 } });
  await arm({ service: 'order-service', point: 'inbound', type: 'error', percentage: 10, params: { status: 503 } });
  await arm({
    service: 'provider-simulator',
    point: 'inbound',
    type: 'error',
    percentage: 40,
    params: { status: 500 },
  });
  const unanswered = everyExpression();
  await eventually(async () => {
    // A rate needs events in its window: somebody pays, and somebody asks who he is.
    await send(observed.orderUrl, 'ps5', randomUUID(), 5_000, { payment: { token: 'tok_ok' } });
    await (await fetch(`${observed.stack.services.identity.urls[0]}/api/me`)).arrayBuffer();
    for (const expr of unanswered.keys()) {
      const samples = await query(observed.prometheus, expr);
      const real = samples.length > 0 && samples.every(({ value }) => !Number.isNaN(value));
      if (real) unanswered.delete(expr);
    }
    await sleep(500);
    expect([...unanswered].map(([expr, where]) => `${where}: ${expr}`)).toEqual([]);
  }, 60_000);
  await observed.operate('DELETE', '/api/admin/chaos');
});

it('random paths make no series: under 300 a service after 10,000 requests', async () => {
  const methods = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'REPORT'];
  for (const url of [observed.orderUrl, observed.inventoryUrl]) {
    for (let sent = 0; sent < 10_000; sent += 100) {
      await Promise.all(
        Array.from({ length: 100 }, async (_, n) => {
          const path = n % 2 ? `/${randomUUID()}` : `/api/orders/${randomUUID()}/${n}`;
          const response = await fetch(url + path, { method: methods[n % methods.length] as string });
          await response.arrayBuffer();
        }),
      );
    }
    const text = await (await fetch(`${url}/metrics`)).text();
    const series = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
    expect(series.length).toBeLessThan(300);
    expect(text).not.toContain('REPORT');
  }
});
