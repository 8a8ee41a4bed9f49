import type { ChaosState, Health, Integrity } from '@valerix/contracts';
import { declaration, perService, SERVICE_KEYS, type ServiceKey } from '@valerix/system';
import { AVERAGE_WINDOW_MS, averageResponseTimeMs } from '../live/average-response-time.ts';
import {
  type Alert,
  type LivePoint,
  type LiveSecond,
  type LiveState,
  POINTS_KEPT,
  type Reading,
  type ServiceView,
} from '../live/live-types.ts';
import type { Config } from './config.ts';
import { BreakerWatch, outcomeRates, percentiles, queueOf, traffic, within } from './live-state.ts';
import { Poller } from './poller.ts';
import type { MetricSample } from './prometheus-text.ts';
import { type Increase, ReplicaCounters } from './replica-counters.ts';
import {
  readAlertmanager,
  readChaos,
  readHealth,
  readIntegrity,
  readMetrics,
  readPrometheusAlerts,
} from './service-reads.ts';

const SECOND_MS = 1000;
/** A gauge from a scrape older than this is not shown. */
const FRESH_MS = 3_500;

type StartStop = Pick<Poller<unknown>, 'start' | 'stop'>;

interface Replica {
  readonly url: string;
  readonly metrics: Poller<MetricSample[]>;
  readonly breakers: readonly BreakerWatch[];
  increases: Increase[];
}

interface Service {
  readonly replicas: readonly Replica[];
  readonly health: Poller<Health>;
}

/**
 * Reads the services once a second, however many browsers watch, and keeps five minutes in memory.
 * Every read has a timeout; every list has a bound.
 */
export class Sampler {
  readonly #services: Readonly<Record<ServiceKey, Service>>;
  readonly #chaos: Poller<ChaosState>;
  readonly #integrity: Poller<Integrity>;
  readonly #alerts: Poller<Alert[]> | null;
  readonly #feed: () => LiveState['feed'];
  readonly #onSecond: (second: LiveSecond) => void;
  #points: LivePoint[] = [];
  #state: LiveState | null = null;
  #timer: NodeJS.Timeout | undefined;

  constructor(config: Config, feed: () => LiveState['feed'], onSecond: (second: LiveSecond) => void) {
    this.#feed = feed;
    this.#onSecond = onSecond;
    this.#services = perService((key) => ({
      replicas: config.urls[key].map((url) => makeReplica(url, key)),
      health: every(2, (signal) => readHealth(config.urls[key][0], signal)),
    }));
    this.#chaos = everySecond((signal) => readChaos(config.urls.inventory[0], config.operatorToken, signal));
    // Not more often: these requests count in the very averages that are shown.
    this.#integrity = every(5, (signal) => readIntegrity(config.urls.order[0], signal));
    this.#alerts = alertPoller(config);
  }

  start(): void {
    for (const poller of this.#pollers()) poller.start();
    this.#timer = setInterval(() => this.#tick(Date.now()), SECOND_MS);
    this.#timer.unref();
  }

  stop(): void {
    clearInterval(this.#timer);
    for (const poller of this.#pollers()) poller.stop();
  }

  get points(): readonly LivePoint[] {
    return this.#points;
  }

  get state(): LiveState | null {
    return this.#state;
  }

  #pollers(): StartStop[] {
    const all: Array<StartStop | null> = [this.#chaos, this.#integrity, this.#alerts];
    for (const service of this.#all()) all.push(service.health, ...service.replicas.map((one) => one.metrics));
    return all.filter((one) => one !== null);
  }

  #all(): Service[] {
    return SERVICE_KEYS.map((key) => this.#services[key]);
  }

  #tick(nowMs: number): void {
    for (const replica of this.#all().flatMap((service) => service.replicas)) {
      replica.increases = within(replica.increases, nowMs, AVERAGE_WINDOW_MS);
    }
    const orders = this.#services.order;
    const scrapes = orders.replicas.map((one) => fresh(one.metrics.reading())).filter((one) => one !== null);
    const increases = increasesOf(orders);
    // What a service did before it went silent is no longer the present.
    const average = scrapes.length === 0 ? null : averageResponseTimeMs(increases, nowMs);
    const queue = queueOf(scrapes);
    const chaos = this.#chaos.reading();
    this.#state = {
      at_ms: nowMs,
      average_ms: average,
      average_requests: increases.reduce((sum, one) => sum + one.count, 0),
      services: perService((key) => view(this.#services[key], nowMs)),
      breakers: this.#all()
        .flatMap((service) => service.replicas)
        .flatMap((one) => one.breakers.map((breaker) => breaker.view(fresh(one.metrics.reading()), nowMs)))
        .filter((one) => one !== null),
      queue,
      chaos,
      integrity: this.#integrity.reading(),
      feed: this.#feed(),
      alerts: this.#alerts?.reading() ?? null,
    };
    const point: LivePoint = {
      t: Math.round(nowMs / 1000),
      ...outcomeRates(
        orders.replicas.map((one) => one.increases),
        nowMs,
      ),
      ...percentiles(increases, nowMs),
      queue: queue?.depth ?? null,
      average_ms: average,
      faults: activeFaults(chaos),
    };
    this.#points = [...this.#points.slice(-(POINTS_KEPT - 1)), point];
    this.#onSecond({ state: this.#state, point });
  }
}

function makeReplica(url: string, key: ServiceKey): Replica {
  const counters = new ReplicaCounters();
  const breakers = declaration(key).calls.map((called) => new BreakerWatch(url, key, called));
  const onValue = (samples: MetricSample[], atMs: number) => {
    const increase = counters.observe(samples, atMs);
    if (increase !== null) replica.increases.push(increase);
    for (const breaker of breakers) breaker.observe(samples, atMs);
  };
  const metrics = everySecond((signal) => readMetrics(url, signal), onValue);
  const replica: Replica = { url, metrics, breakers, increases: [] };
  return replica;
}

function view(service: Service, nowMs: number): ServiceView {
  const isUp = service.replicas.some((one) => fresh(one.metrics.reading()) !== null);
  return {
    replicas: service.replicas.map(({ url, metrics }) => {
      const reading = metrics.reading();
      return { url, up: fresh(reading) !== null, error: reading.error };
    }),
    ...traffic(isUp ? increasesOf(service) : [], nowMs),
    health: service.health.reading(),
  };
}

function increasesOf(service: Service): Increase[] {
  return service.replicas.flatMap((one) => one.increases);
}

function fresh<T>(reading: Reading<T>): T | null {
  return reading.error === null && reading.age_ms !== null && reading.age_ms < FRESH_MS ? reading.value : null;
}

function activeFaults(chaos: Reading<ChaosState>): number | null {
  const state = fresh(chaos);
  if (state === null) return null;
  return state.halt.halted ? 0 : state.faults.length;
}

function alertPoller(config: Config): Poller<Alert[]> | null {
  const { alertmanagerUrl, prometheusUrl } = config;
  if (alertmanagerUrl !== null) return every(5, (signal) => readAlertmanager(alertmanagerUrl, signal));
  if (prometheusUrl !== null) return every(5, (signal) => readPrometheusAlerts(prometheusUrl, signal));
  return null;
}

function everySecond<T>(read: (signal: AbortSignal) => Promise<T>, onValue?: (value: T, atMs: number) => void) {
  return new Poller<T>({ intervalMs: SECOND_MS, timeoutMs: 900, read, ...(onValue === undefined ? {} : { onValue }) });
}

function every<T>(seconds: number, read: (signal: AbortSignal) => Promise<T>) {
  return new Poller<T>({ intervalMs: seconds * SECOND_MS, timeoutMs: 1_800, read });
}
