import type { ChaosState, Health, Integrity } from '@valerix/contracts';
import { declaration, perService, SERVICE_KEYS, type ServiceKey } from '@valerix/system';
import { AVERAGE_WINDOW_MS, averageResponseTimeMs } from '../live/average-response-time.ts';
import { withPoint } from '../live/history.ts';
import type { Alert, LivePoint, LiveSecond, LiveState, Reading, ServiceView } from '../live/live-types.ts';
import type { ChartHistory } from './chart-history.ts';
import type { ClassRoom } from './class-room.ts';
import type { Config } from './config.ts';
import { atOnceOf, BreakerWatch, outcomeRates, percentiles, queueOf, traffic, within } from './live-state.ts';
import type { LoadGenerator } from './load-generator.ts';
import type { OrderFeed } from './order-feed.ts';
import { Poller, type PollerOptions } from './poller.ts';
import type { MetricSample } from './prometheus-text.ts';
import { type Increase, ReplicaCounters } from './replica-counters.ts';
import type { Replicas } from './replicas.ts';
import type { KnownService } from './service-details.ts';
import * as read from './service-reads.ts';
import { StockHistory } from './stock-history.ts';

const SECOND_MS = 1000;
/** What a dashboard that was killed has lost of its charts at most. */
const SAVE_EVERY_SECONDS = 10;
/** Pages show no gauge from an older scrape. */
const FRESH_MS = 3_500;

interface Replica {
  readonly url: string;
  readonly metrics: Poller<MetricSample[]>;
  readonly breakers: readonly BreakerWatch[];
  increases: Increase[];
}

interface Service {
  /** By address. */
  readonly replicas: Map<string, Replica>;
  /** Replicas that are gone, while their last work is part of an average. */
  gone: Replica[];
  readonly health: Poller<Health>;
}

interface SamplerOptions {
  readonly config: Config;
  readonly replicas: Pick<Replicas, 'all' | 'one' | 'installed'>;
  readonly feed: Pick<OrderFeed, 'status'>;
  readonly load: Pick<LoadGenerator, 'view' | 'takeSecond'>;
  readonly history: Pick<ChartHistory, 'load' | 'save'>;
  readonly classRoom: Pick<ClassRoom, 'view'>;
  readonly onSecond: (second: LiveSecond) => void;
}

/**
 * Reads the services once per second for any number of browsers, and keeps an hour in memory. Every read has a
 * timeout, and every list has a bound.
 */
export class Sampler {
  readonly #services: Readonly<Record<ServiceKey, Service>>;
  readonly #chaos: Poller<ChaosState>;
  readonly #integrity: Poller<Integrity>;
  readonly #alerts: Poller<Alert[]> | null;
  readonly #gameday: Poller<LiveState['gameday']> | null;
  readonly #feed: Pick<OrderFeed, 'status'>;
  readonly #load: Pick<LoadGenerator, 'view' | 'takeSecond'>;
  readonly #classRoom: Pick<ClassRoom, 'view'>;
  readonly #replicas: Pick<Replicas, 'all' | 'installed'>;
  readonly #history: Pick<ChartHistory, 'load' | 'save'>;
  readonly #onSecond: (second: LiveSecond) => void;
  readonly #startedAtMs = Date.now();
  readonly stock = new StockHistory();
  #points: LivePoint[];
  #state: LiveState | null = null;
  /** The faults when they could last be read. */
  #armed: { faults: ChaosState['faults']; atMs: number } = { faults: [], atMs: 0 };
  #timer: NodeJS.Timeout | undefined;

  constructor({ config, replicas, feed, load, classRoom, history, onSecond }: SamplerOptions) {
    this.#history = history;
    this.#points = history.load(this.#startedAtMs);
    this.#feed = feed;
    this.#load = load;
    this.#classRoom = classRoom;
    this.#replicas = replicas;
    this.#onSecond = onSecond;
    this.#services = perService((key) => ({
      replicas: new Map(),
      gone: [],
      health: every(2, (signal) => read.readHealth(replicas.one(key), signal)),
    }));
    const readChaos = (signal: AbortSignal) => {
      // Any process knows the state of chaos, so a dead one does not hide it.
      const urls = replicas.installed().map((key) => replicas.one(key));
      return read.readChaos(urls, config.operatorToken, signal);
    };
    this.#chaos = every(1, readChaos, ({ faults, faults_known }, atMs) => {
      if (faults_known !== false) this.#armed = { faults, atMs };
    });
    // No more often, because these requests count in the page's averages.
    this.#integrity = every(5, (signal) => read.readIntegrity(replicas.one('order'), config.operatorToken, signal));
    this.#alerts = alertPoller(config);
    const { laboratoryUrl } = config;
    this.#gameday = laboratoryUrl === null ? null : every(5, (signal) => read.readNewestGameday(laboratoryUrl, signal));
  }

  /** Whether the last attempt to read this replica failed. */
  isDown(url: string): boolean {
    const found = SERVICE_KEYS.map((key) => this.#services[key].replicas.get(url)).find((one) => one !== undefined);
    return found !== undefined && found.metrics.reading().error !== null;
  }

  start(): void {
    for (const key of SERVICE_KEYS) this.#follow(key);
    for (const poller of this.#pollers()) void poller.start();
    this.#timer = setInterval(() => this.#tick(Date.now()), SECOND_MS);
    this.#timer.unref();
  }

  stop(): void {
    clearInterval(this.#timer);
    for (const poller of this.#pollers()) poller.stop();
    for (const { replicas } of Object.values(this.#services)) for (const one of replicas.values()) one.metrics.stop();
    this.#history.save(this.#points);
  }

  /** What is known of a service beside its view. */
  known(key: ServiceKey): KnownService {
    const service = this.#services[key];
    const replicas = [...service.replicas.values()].map(({ url, metrics }) => {
      const reading = metrics.reading();
      return { url, error: reading.error, samples: fresh(reading) };
    });
    const breakers = this.#state?.breakers.filter(({ from }) => from === key) ?? [];
    return { replicas, increases: increasesOf(service), breakers };
  }

  get points(): readonly LivePoint[] {
    return this.#points;
  }

  get state(): LiveState | null {
    return this.#state;
  }

  #pollers(): Array<Pick<Poller<unknown>, 'start' | 'stop'>> {
    const ofServices = this.#replicas.installed().map((key) => this.#services[key].health);
    const others = [this.#alerts, this.#gameday].filter((one) => one !== null);
    return [this.#chaos, this.#integrity, ...others, ...ofServices];
  }

  /** Begins to read replicas that are new, and no longer reads those that are gone. */
  #follow(key: ServiceKey): void {
    const { replicas, gone } = this.#services[key];
    const urls = this.#replicas.all(key);
    for (const [url, one] of replicas) {
      if (urls.includes(url)) continue;
      one.metrics.stop();
      gone.push(one);
      replicas.delete(url);
    }
    for (const url of urls) {
      if (replicas.has(url)) continue;
      const one = makeReplica(url, key, this.#startedAtMs, key === 'inventory' ? this.stock : null);
      replicas.set(url, one);
      void one.metrics.start();
    }
  }

  #tick(nowMs: number): void {
    for (const key of SERVICE_KEYS) this.#follow(key);
    for (const service of Object.values(this.#services)) {
      for (const one of everReplicas(service)) one.increases = within(one.increases, nowMs, AVERAGE_WINDOW_MS);
      service.gone = service.gone.filter((one) => one.increases.length > 0);
    }
    const replicas = SERVICE_KEYS.flatMap((key) => [...this.#services[key].replicas.values()]);
    const orders = this.#services.order;
    const scrapes = [...orders.replicas.values()]
      .map((one) => fresh(one.metrics.reading()))
      .filter((one) => one !== null);
    const increases = increasesOf(orders);
    // The last data of a silent service is not current.
    const average = scrapes.length === 0 ? null : averageResponseTimeMs(increases, nowMs);
    const queue = queueOf(scrapes);
    const chaos = this.#chaos.reading();
    this.#state = {
      at_ms: nowMs,
      average_ms: average,
      average_requests: increases.reduce((sum, one) => sum + one.count, 0),
      at_once: scrapes.length === 0 ? null : atOnceOf(increases, nowMs),
      services: perService((key) => view(this.#services[key], nowMs)),
      breakers: replicas
        .flatMap((one) => one.breakers.map((breaker) => breaker.view(fresh(one.metrics.reading()), nowMs)))
        .filter((one) => one !== null),
      queue,
      chaos,
      may_return: this.#mayReturn(chaos, nowMs),
      integrity: this.#integrity.reading(),
      feed: this.#feed.status,
      alerts: this.#alerts?.reading() ?? null,
      load: this.#load.view,
      gameday: this.#gameday?.reading().value ?? null,
      class: this.#classRoom.view,
    };
    const load = this.#load.takeSecond();
    const ordersByReplica = everReplicas(orders).map((one) => one.increases);
    const point: LivePoint = {
      t: Math.round(nowMs / 1000),
      ...outcomeRates(ordersByReplica, nowMs),
      ...percentiles(increases, nowMs),
      queue: queue?.depth ?? null,
      average_ms: average,
      faults: activeFaults(chaos),
      ...(load && { load }),
    };
    this.#points = withPoint(this.#points, point);
    if (point.t % SAVE_EVERY_SECONDS === 0) this.#history.save(this.#points);
    this.#onSecond({ state: this.#state, point });
  }

  #mayReturn(chaos: Reading<ChaosState>, nowMs: number): ChaosState['faults'] {
    if (activeFaults(chaos) !== null || chaos.value?.halt.halted) return [];
    const { faults, atMs } = this.#armed;
    return faults
      .map((one) => ({ ...one, remaining_ms: one.remaining_ms - (nowMs - atMs) }))
      .filter(({ remaining_ms }) => remaining_ms > 0);
  }
}

function makeReplica(url: string, key: ServiceKey, watchedSinceMs: number, stock: StockHistory | null): Replica {
  const counters = new ReplicaCounters(watchedSinceMs);
  const breakers = declaration(key).calls.map((called) => new BreakerWatch(url, key, called));
  const onValue = (samples: MetricSample[], atMs: number) => {
    const increase = counters.observe(samples, atMs);
    if (increase !== null) replica.increases.push(increase);
    for (const breaker of breakers) breaker.observe(samples, atMs);
    stock?.observe(samples, atMs);
  };
  const metrics = every(1, (signal) => read.readMetrics(url, signal), onValue);
  const replica: Replica = { url, metrics, breakers, increases: [] };
  return replica;
}

function view(service: Service, nowMs: number): ServiceView {
  const replicas = [...service.replicas.values()];
  const isUp = replicas.some((one) => fresh(one.metrics.reading()) !== null);
  return {
    replicas: replicas.map(({ url, metrics }) => {
      const reading = metrics.reading();
      return { url, up: fresh(reading) !== null, error: reading.error };
    }),
    ...traffic(isUp ? increasesOf(service) : [], nowMs),
    health: service.health.reading(),
  };
}

const everReplicas = ({ replicas, gone }: Service): Replica[] => [...replicas.values(), ...gone];

const increasesOf = (service: Service): Increase[] => everReplicas(service).flatMap((one) => one.increases);

const fresh = <T>({ error, age_ms, value }: Reading<T>): T | null =>
  error === null && age_ms !== null && age_ms < FRESH_MS ? value : null;

function activeFaults(chaos: Reading<ChaosState>): number | null {
  const state = fresh(chaos);
  if (state?.halt.halted) return 0;
  // Without Redis, a process knows only its own faults.
  return state === null || state.faults_known === false ? null : state.faults.length;
}

function alertPoller(config: Config): Poller<Alert[]> | null {
  const { alertmanagerUrl, prometheusUrl } = config;
  if (alertmanagerUrl !== null) return every(5, (signal) => read.readAlertmanager(alertmanagerUrl, signal));
  if (prometheusUrl !== null) return every(5, (signal) => read.readPrometheusAlerts(prometheusUrl, signal));
  return null;
}

function every<T>(seconds: number, read: PollerOptions<T>['read'], onValue?: PollerOptions<T>['onValue']) {
  return new Poller<T>({ intervalMs: seconds * SECOND_MS, timeoutMs: seconds === 1 ? 900 : 1_800, read, onValue });
}
