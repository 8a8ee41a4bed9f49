import { checkLines } from '@valerix/gameday/check-run';
import type { HistoryLine } from '@valerix/gameday/workload';
import { eventInWords, lineInWords, operate } from './events.ts';
import { type CanDie, type Event, FAULTS_END_MS, faultAt, PREFIX, type Scenario } from './scenario.ts';
import { serveClients } from './serve-clients.ts';
import { type Database, hasOpenOrders, hasOpenPayments, resetDatabase, setStock } from './servers/databases-store.ts';
import { PostgresHost } from './servers/postgres.ts';
import { RedisHost } from './servers/redis.ts';
import {
  databaseAddress,
  databaseUrl,
  portOf,
  prepareRequests,
  replicasOf,
  SIMULATED,
  type SimulatedKey,
  startService,
} from './system.ts';
import { watchDatabases } from './watch-databases.ts';
import { type MessageFault, Network, type Passage } from './world/network.ts';
import { useNetwork } from './world/sockets.ts';
import { type Moment, Process, World } from './world/world.ts';

export type Databases = Record<SimulatedKey, Database>;

export interface Violation {
  invariant: string;
  subject: string;
  detail: string;
}

export interface Outcome {
  /** Of everything that crossed the world, and when: equal for two runs of a scenario. */
  hash: string;
  violations: Violation[];
  timeline: Moment[];
  /** The messages that met a fault. */
  faults: Record<string, MessageFault>;
  orders: number;
  /** The world's time that passed, milliseconds. */
  worldMs: number;
}

/** Long enough for every order to be settled after the last fault: a paid one may wait for its window, then for its refund. */
const DRAIN_MS = 60_000;
const START_MS = 30_000;
/** As long as a restart takes, with some room. */
const QUIET_MS = 2_000;

/** Told of each message before its fault is chosen, and who of its two ends may die. */
export type Observer = (passage: Passage, canDie: CanDie) => void;

/** Plays a scenario on databases that are brought back to their beginning first. Not twice at the same time in one thread. */
export async function runScenario(scenario: Scenario, databases: Databases, observe?: Observer): Promise<Outcome> {
  const run = new Run(scenario, databases, observe);
  try {
    return await run.play();
  } finally {
    run.end();
  }
}

class Run {
  readonly #scenario: Scenario;
  readonly #databases: Databases;
  readonly #world: World;
  readonly #network: Network;
  readonly #hosts: Record<SimulatedKey, PostgresHost>;
  readonly #redis: RedisHost;
  readonly #clients: Process;
  readonly #history: HistoryLine[] = [];
  readonly #faults: Record<string, MessageFault> = {};
  readonly #watcher: ReturnType<typeof watchDatabases>;
  readonly #observe: Observer | undefined;
  #startMs = 0;
  /** Nothing that a fault has set off is under way after it. */
  #quietMs = 0;
  #isOver = false;

  constructor(scenario: Scenario, databases: Databases, observe?: Observer) {
    this.#scenario = scenario;
    this.#observe = observe;
    this.#databases = databases;
    this.#world = new World(scenario.seed);
    this.#network = new Network(this.#world);
    const host = (key: SimulatedKey) => new PostgresHost(this.#world, databases[key].pg, `db-${key}`);
    this.#hosts = {
      inventory: host('inventory'),
      provider: host('provider'),
      payment: host('payment'),
      order: host('order'),
    };
    this.#redis = new RedisHost(this.#world);
    this.#clients = new Process(this.#world, 'clients');
    this.#watcher = watchDatabases(this.#world, new Process(this.#world, 'watcher'), databases, this.#hosts);
  }

  async play(): Promise<Outcome> {
    this.#prepare();
    const world = this.#world;
    let ready = 0;
    for (const name of SIMULATED.flatMap(replicasOf)) this.#start(name, 1, () => ready++);
    const all = SIMULATED.flatMap(replicasOf).length;
    if (!(await world.run(() => ready === all, START_MS)))
      throw new Error([`only ${ready} of ${all} processes started`, ...world.defects].join('\n'));
    this.#startMs = world.nowMs;
    this.#network.faultOf = (passage) => this.#faultOf(passage);
    for (const key of SIMULATED) this.#hosts[key].onWrite = () => this.#watcher.onWrite(key);
    for (const event of this.#scenario.events) world.after(event.atMs, undefined, () => this.#happen(event));
    world.after(FAULTS_END_MS, undefined, () => this.#heal());
    const served = serveClients({
      world,
      clients: this.#clients,
      scenario: this.#scenario,
      write: (line) => this.#write(line),
    });
    await world.run(
      () => served.isOver() && world.nowMs > this.#earliestEndMs() && this.#isDrained(),
      this.#startMs + FAULTS_END_MS + DRAIN_MS,
    );
    return this.#judge();
  }

  #earliestEndMs(): number {
    return this.#scenario.endsWhenQuiet ? this.#quietMs : this.#startMs + FAULTS_END_MS;
  }

  end(): void {
    this.#isOver = true;
    for (const process of [...this.#world.processes.values()]) this.#world.kill(process);
    this.#world.kill(this.#clients);
    useNetwork(undefined);
  }

  #prepare(): void {
    for (const key of SIMULATED) {
      resetDatabase(this.#databases[key]);
      this.#network.addHost(databaseAddress(key), this.#hosts[key]);
      this.#network.share(
        `${key}:${portOf(key)}`,
        replicasOf(key).map((name) => `${name}:${portOf(key)}`),
      );
    }
    setStock(this.#databases.inventory, this.#scenario.stock);
    this.#network.addHost('redis:6379', this.#redis);
    useNetwork(this.#network);
    prepareRequests();
    this.#world.onDeath = (process) => this.#restart(process);
  }

  #start(name: string, life: number, ready: () => void = () => {}): void {
    const world = this.#world;
    const process = new Process(world, name, { skewMs: this.#scenario.skewsMs[name] ?? 0, life });
    world.processes.set(name, process);
    const key = name.replace(/-\d+$/, '') as SimulatedKey;
    world.after(0, process, () => {
      startService(key, name, this.#scenario.settings?.[key]).then(
        () => {
          world.note(`${name} is ready`);
          ready();
        },
        (error: Error) => world.defects.push(`${name} does not start: ${error.stack}`),
      );
    });
  }

  #restart({ name, life }: Process): void {
    if (this.#isOver) return;
    const world = this.#world;
    world.note(`${name} is dead`, true);
    const pauseMs = 100 + world.draw(`restart ${name}`) * 1_500;
    world.after(pauseMs, undefined, () => this.#isOver || this.#start(name, life + 1));
  }

  #faultOf(passage: Passage): MessageFault | undefined {
    if (this.#world.nowMs >= this.#startMs + FAULTS_END_MS) return undefined;
    const canDie = { sender: this.#mayDie(passage.sender), receiver: this.#mayDie(passage.receiver) };
    this.#observe?.(passage, canDie);
    const fault = faultAt(this.#scenario, { ...passage, canDie });
    if (!fault) return undefined;
    this.#faults[passage.point] = fault;
    this.#quietMs = this.#world.nowMs + (fault.delayMs ?? 0) + QUIET_MS;
    return fault;
  }

  #mayDie(process: Process | undefined): boolean {
    return process !== undefined && process !== this.#clients;
  }

  #happen(event: Event): void {
    const world = this.#world;
    world.note(eventInWords(event), true);
    switch (event.kind) {
      case 'kill': {
        const process = world.processes.get(event.process);
        if (process) world.kill(process);
        break;
      }
      case 'database-away':
        this.#away(this.#hosts[event.of], event.forMs);
        break;
      case 'redis-away':
        this.#away(this.#redis, event.forMs);
        break;
      case 'redis-wiped':
        this.#redis.wipe();
        break;
      case 'price':
      case 'restock':
        world.inside(this.#clients, () => void operate(event).catch(() => {}));
    }
  }

  #away(host: PostgresHost | RedisHost, forMs: number): void {
    host.goAway();
    this.#world.after(forMs, undefined, () => {
      host.isAway = false;
    });
  }

  #heal(): void {
    for (const host of [...Object.values(this.#hosts), this.#redis]) host.isAway = false;
    this.#world.note('everything is healed');
  }

  #write(line: HistoryLine): void {
    this.#history.push(line);
    this.#world.note(lineInWords(line));
  }

  #isDrained(): boolean {
    const { order, payment } = this.#hosts;
    if (!order.isFree || !payment.isFree) return false;
    return !hasOpenOrders(this.#databases.order) && !hasOpenPayments(this.#databases.payment);
  }

  /** The checker of the game days, as a last process that is alone in the world. */
  async #judge(): Promise<Outcome> {
    const world = this.#world;
    this.#isOver = true;
    for (const key of SIMULATED) this.#hosts[key].onWrite = () => {};
    const worldMs = world.nowMs;
    for (const process of [...world.processes.values()]) world.kill(process);
    const checker = new Process(world, 'checker');
    const services = Object.fromEntries(SIMULATED.map((key) => [key, { databaseUrl: databaseUrl(key) }]));
    let checked: Awaited<ReturnType<typeof checkLines>> | undefined;
    let failure: unknown;
    world.after(10, checker, () => {
      checkLines(this.#history, { services: services as never, prefix: PREFIX, fresh: true }).then(
        (result) => {
          checked = result;
        },
        (error: unknown) => {
          failure = error ?? new Error('unknown');
        },
      );
    });
    const hash = world.tell();
    await world.run(() => checked !== undefined || failure !== undefined, world.nowMs + 60_000);
    if (!checked) throw new Error('the checker did not end', { cause: failure });
    const defects = world.defects.map((detail) => ({ invariant: 'defect', subject: '', detail }));
    return {
      hash,
      violations: [...this.#watcher.found.values(), ...checked.violations, ...defects],
      timeline: world.timeline,
      faults: this.#faults,
      orders: checked.orders,
      worldMs,
    };
  }
}
