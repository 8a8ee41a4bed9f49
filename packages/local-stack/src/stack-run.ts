import { join } from 'node:path';
import { parentEnv, portTable, repoRoot } from './config.ts';
import { answersQuery, createDatabase } from './databases.ts';
import type { Home } from './home.ts';
import { httpStatus } from './http-probe.ts';
import { migrate } from './migrations.ts';
import { type NeededPort, requireFreePorts } from './port-in-use.ts';
import { PostgresServer } from './postgres-server.ts';
import { type ServiceEntry, stopWaves } from './process-table.ts';
import { answersPing, redisServer } from './redis-server.ts';
import { runScript } from './run-script.ts';
import type { StackOptions } from './stack.ts';
import { httpUrl, type PlannedProcess, type StackPlan, serviceEnv } from './stack-plan.ts';
import { SupervisedProcess, type SupervisionOptions } from './supervised-process.ts';
import { ensureTool } from './tools.ts';

/** The start was given up by whoever asked for it. */
export class StartAborted extends Error {
  override message = 'Given up before everything was up; all of it is stopped again.';
}

/** The processes of one stack, from the first to be started to the last to be stopped. */
export class StackRun {
  readonly #home: Home;
  readonly #plan: StackPlan;
  readonly #options: StackOptions;
  readonly #services: { entry: ServiceEntry; process: SupervisedProcess }[] = [];
  #postgres: PostgresServer | undefined;
  #redis: SupervisedProcess | undefined;
  #starting: Promise<void> = Promise.resolve();
  #stopping: Promise<void> | undefined;

  constructor(home: Home, plan: StackPlan, options: StackOptions) {
    this.#home = home;
    this.#plan = plan;
    this.#options = options;
  }

  /** Servers, then migrations, then services; each step says so when it fails. */
  start(): Promise<void> {
    this.#starting = this.#startInOrder();
    return this.#starting;
  }

  /** Frontend, order-service and laboratory drain, then inventory, then Redis, then PostgreSQL. Safe to call at any moment. */
  stop(): Promise<void> {
    this.#stopping ??= this.#stopInOrder();
    return this.#stopping;
  }

  /** Everything at once, without asking. */
  async forceStop(): Promise<void> {
    this.#stopping ??= Promise.resolve();
    const processes = [...this.#services.map(({ process }) => process), this.#redis];
    await Promise.all([...processes.map((process) => process?.stop(0)), this.#postgres?.stop('immediate')]);
  }

  /** @throws Error for a name that is not there. */
  process(name: string): SupervisedProcess {
    const all = this.#services.map(({ process }) => process);
    if (this.#redis) all.push(this.#redis);
    const found = all.find(({ spec }) => spec.name === name);
    if (!found) throw new Error(`No process "${name}"; there are ${all.map(({ spec }) => spec.name).join(', ')}.`);
    return found;
  }

  get postgres(): PostgresServer {
    if (!this.#postgres) throw new Error('PostgreSQL is not of this stack.');
    return this.#postgres;
  }

  get redis(): SupervisedProcess {
    if (!this.#redis) throw new Error('Redis is not of this stack.');
    return this.#redis;
  }

  async #startInOrder(): Promise<void> {
    await requireFreePorts(this.#neededPorts());
    const redis = await this.#redisProgram();
    this.#refuseIfStopping();
    await allOrFirstError([this.#startPostgres(), this.#startRedis(redis)]);
    this.#refuseIfStopping();
    await allOrFirstError(this.#entries().flatMap((entry) => [this.#prepareDatabase(entry), this.#build(entry)]));
    this.#refuseIfStopping();
    for (const planned of this.#plan.processes) {
      this.#services.push({ entry: planned.entry, process: this.#supervise(planned) });
    }
    await Promise.all(this.#services.map(({ process }) => process.start()));
  }

  async #stopInOrder(): Promise<void> {
    await this.#stopServices();
    // A start that was given up ends at its next step; what that step started is stopped below.
    await this.#starting.catch(() => {});
    await this.#redis?.stop();
    await this.#postgres?.stop('fast');
  }

  async #stopServices(): Promise<void> {
    for (const wave of stopWaves) {
      const members = this.#services.filter(({ entry }) => wave.includes(entry.name));
      await Promise.all(members.map(({ process }) => process.stop()));
    }
  }

  #refuseIfStopping(): void {
    if (this.#stopping) throw new StartAborted();
  }

  async #startPostgres(): Promise<void> {
    const { ORDER_DATABASE_URL, INVENTORY_DATABASE_URL } = this.#plan.outside;
    await requireAnswer('ORDER_DATABASE_URL', 'PostgreSQL', ORDER_DATABASE_URL, answersQuery);
    await requireAnswer('INVENTORY_DATABASE_URL', 'PostgreSQL', INVENTORY_DATABASE_URL, answersQuery);
    if (!this.#needsPostgres()) return;
    this.#postgres = new PostgresServer({
      home: this.#home,
      port: this.#plan.ports.postgres,
      restart: this.#options.restart ?? true,
      onNotice: (text) => this.#options.onNotice?.('postgres', text),
    });
    await this.#postgres.start();
  }

  // Asked before anything is started: it may have to be installed, or to say how.
  async #redisProgram(): Promise<string | undefined> {
    if (this.#plan.outside.REDIS_URL) return undefined;
    return ensureTool('redis', (text) => this.#options.onNotice?.('redis', text));
  }

  async #startRedis(program: string | undefined): Promise<void> {
    if (!program) return requireAnswer('REDIS_URL', 'Redis', this.#plan.outside.REDIS_URL, answersPing);
    this.#redis = redisServer(program, this.#home, this.#plan.ports.redis, this.#supervision('redis'));
    await this.#redis.start();
  }

  async #prepareDatabase(entry: ServiceEntry): Promise<void> {
    if (!entry.database) return;
    const { name, url } = entry.database;
    if (!this.#plan.outside[url]) await createDatabase(this.postgres.url('postgres'), name);
    const log = join(this.#home.logs, `migrate-${entry.name}.log`);
    await migrate(entry.name, this.#plan.env[url], parentEnv(), log);
  }

  async #build(entry: ServiceEntry): Promise<void> {
    if (!entry.build) return;
    this.#options.onNotice?.(entry.name, 'building, if it changed since the last time');
    const logFile = join(this.#home.logs, `build-${entry.name}.log`);
    // Minutes of work that the next start does again.
    const { signal } = this.#options;
    const script = { folder: entry.name, script: entry.build, env: parentEnv(), timeout_ms: 300_000, logFile, signal };
    await runScript({ what: `The build of ${entry.name}`, ...script });
  }

  #supervise(planned: PlannedProcess): SupervisedProcess {
    const { name, entry, port } = planned;
    const spec = {
      name,
      command: entry.command.map((word) => (word === 'node' ? process.execPath : word)),
      cwd: join(repoRoot, entry.folder ?? entry.name),
      env: serviceEnv(this.#plan, planned, parentEnv(), this.#options.env?.[entry.key]),
      port,
      probe: async () => (await httpStatus(`${httpUrl(port)}${entry.ready}`)) === 200,
    };
    return new SupervisedProcess(spec, this.#supervision(name));
  }

  #supervision(name: string): SupervisionOptions {
    return {
      home: this.#home,
      restart: this.#options.restart ?? true,
      onLine: (line) => this.#options.onLine?.(name, line),
      onNotice: (text) => this.#options.onNotice?.(name, text),
    };
  }

  /** The services, once each, whatever their replicas. */
  #entries(): ServiceEntry[] {
    return [...new Set(this.#plan.processes.map(({ entry }) => entry))];
  }

  // Also when no service runs yet, so that one can look at the databases.
  #needsPostgres(): boolean {
    const { ORDER_DATABASE_URL, INVENTORY_DATABASE_URL } = this.#plan.outside;
    return !(ORDER_DATABASE_URL && INVENTORY_DATABASE_URL);
  }

  #neededPorts(): NeededPort[] {
    const { processes, ports, outside } = this.#plan;
    const servers = (['postgres', 'redis'] as const).filter((key) =>
      key === 'redis' ? !outside.REDIS_URL : this.#needsPostgres(),
    );
    return [
      ...processes.map(({ name, port, entry }) => ({ port, purpose: name, variable: portTable[entry.key].variable })),
      ...servers.map((key) => ({ ...portTable[key], port: ports[key] })),
    ];
  }
}

async function requireAnswer(
  variable: string,
  what: string,
  url: string | undefined,
  ask: (url: string) => Promise<boolean>,
): Promise<void> {
  if (!url || (await ask(url))) return;
  const { host } = new URL(url);
  throw new Error(
    `${variable} says to use the ${what} at ${host}, but it does not answer. Start it, or unset ${variable}.`,
  );
}

/** Waits for all to end, so that nothing goes on behind the back of who handles the error. */
async function allOrFirstError(tasks: readonly Promise<void>[]): Promise<void> {
  const results = await Promise.allSettled(tasks);
  const failed = results.find(({ status }) => status === 'rejected') as PromiseRejectedResult | undefined;
  if (failed) throw failed.reason;
}
