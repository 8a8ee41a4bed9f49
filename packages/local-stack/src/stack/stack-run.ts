import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { databaseUrlVariable, declaration, SERVICE_KEYS, type ServiceKey } from '@valerix/system';
import { type Env, type GivenUrls, type ProcessKey, parentEnv, portTable, repoRoot } from '../config.ts';
import type { Home } from '../home/home.ts';
import { httpStatus } from '../machine/http-probe.ts';
import { type NeededPort, requireFreePorts } from '../machine/port-in-use.ts';
import { runScript } from '../machine/run-command.ts';
import { ensureTool } from '../machine/tools.ts';
import { answersQuery, createDatabase } from '../servers/databases.ts';
import { PostgresServer } from '../servers/postgres-server.ts';
import { answersPing, redisServer } from '../servers/redis-server.ts';
import { SupervisedProcess, type SupervisionOptions } from '../servers/supervised-process.ts';
import { migrate } from './migrations.ts';
import { type ProcessEntry, processWaves } from './process-table.ts';
import { httpUrl, type PlannedProcess, type StackPlan, serviceEnv } from './stack-plan.ts';

export interface RunOptions {
  /** Restart processes that die by themselves. Default: true. */
  restart?: boolean;
  /** Variables for all replicas of a process; they override its other variables. */
  env?: Partial<Record<ProcessKey, Env>>;
  /** Receives each line of each process's log. */
  onLine?: (name: string, line: string) => void;
  /** Receives each event of a process in words. */
  onNotice?: (name: string, text: string) => void;
  /** On abort, the start is given up and undone. */
  signal?: AbortSignal;
}

/** The start was given up by the caller. */
export class StartAborted extends Error {
  override message = 'The start was given up; every process it had started is stopped.';
}

/** Starts and stops the processes of one stack in order. */
export class StackRun {
  readonly #home: Home;
  readonly #plan: StackPlan;
  readonly #options: RunOptions;
  readonly #processes: { key: ProcessKey; process: SupervisedProcess }[] = [];
  #postgres: PostgresServer | undefined;
  #redis: SupervisedProcess | undefined;
  #starting: Promise<void> = Promise.resolve();
  #stopping: Promise<void> | undefined;

  constructor(home: Home, plan: StackPlan, options: RunOptions) {
    this.#home = home;
    this.#plan = plan;
    this.#options = options;
    home.disk.onNotice = (text) => options.onNotice?.('supervisor', text);
  }

  /** Starts the servers, runs the migrations, then starts the processes in waves. @throws the first failure */
  start(): Promise<void> {
    this.#starting = this.#startInOrder();
    return this.#starting;
  }

  /** Drains callers before the services they call; then stops Redis, then PostgreSQL. May be called at any time. */
  stop(): Promise<void> {
    this.#stopping ??= this.#stopInOrder();
    return this.#stopping;
  }

  /** Kills everything at once. */
  async forceStop(): Promise<void> {
    this.#stopping ??= Promise.resolve();
    const processes = [...this.#processes.map(({ process }) => process), this.#redis];
    await Promise.all([...processes.map((process) => process?.stop(0)), this.#postgres?.stop('immediate')]);
  }

  /** @throws Error for an unknown name */
  process(name: string): SupervisedProcess {
    const all = this.#processes.map(({ process }) => process);
    if (this.#redis) all.push(this.#redis);
    const found = all.find(({ spec }) => spec.name === name);
    if (!found) throw new Error(`No process "${name}"; there are ${all.map(({ spec }) => spec.name).join(', ')}.`);
    return found;
  }

  get postgres(): PostgresServer {
    if (!this.#postgres) throw new Error('This stack does not run PostgreSQL itself.');
    return this.#postgres;
  }

  get redis(): SupervisedProcess {
    if (!this.#redis) throw new Error('This stack does not run Redis itself.');
    return this.#redis;
  }

  async #startInOrder(): Promise<void> {
    await requireFreePorts(this.#neededPorts());
    const redis = await this.#redisProgram();
    this.#refuseIfStopping();
    await allOrFirstError([this.#startPostgres(), this.#startRedis(redis)]);
    this.#refuseIfStopping();
    // Once for all replicas of a process.
    const entries = [...new Set(this.#plan.processes.map(({ entry }) => entry))];
    await allOrFirstError(entries.flatMap((entry) => [this.#prepareDatabase(entry), this.#build(entry)]));
    this.#refuseIfStopping();
    for (const planned of this.#plan.processes) {
      this.#processes.push({ key: planned.entry.key, process: this.#supervise(planned) });
    }
    for (const wave of processWaves) {
      this.#refuseIfStopping();
      await Promise.all(this.#membersOf(wave).map((process) => process.start()));
    }
  }

  async #stopInOrder(): Promise<void> {
    for (const wave of processWaves.toReversed()) {
      await Promise.all(this.#membersOf(wave).map((process) => process.stop()));
    }
    // A start in progress gives up at its next step; the servers that step started are stopped below.
    await this.#starting.catch(() => {});
    await this.#redis?.stop();
    await this.#postgres?.stop('fast');
  }

  #membersOf(wave: readonly ProcessKey[]): SupervisedProcess[] {
    return this.#processes.filter(({ key }) => wave.includes(key)).map(({ process }) => process);
  }

  #refuseIfStopping(): void {
    if (this.#stopping) throw new StartAborted();
  }

  async #startPostgres(): Promise<void> {
    for (const key of SERVICE_KEYS) await this.#requireAnswer(databaseUrlVariable(key), 'PostgreSQL', answersQuery);
    if (!this.#needsPostgres()) return;
    this.#postgres = new PostgresServer({
      home: this.#home,
      port: this.#plan.ports.postgres,
      restart: this.#options.restart ?? true,
      onNotice: (text) => this.#options.onNotice?.('postgres', text),
    });
    await this.#postgres.start();
  }

  // Called before anything starts: Redis may have to be installed first.
  async #redisProgram(): Promise<string | undefined> {
    if (this.#plan.outside.REDIS_URL) return undefined;
    return ensureTool('redis', (text) => this.#options.onNotice?.('redis', text));
  }

  async #startRedis(program: string | undefined): Promise<void> {
    if (!program) return this.#requireAnswer('REDIS_URL', 'Redis', answersPing);
    this.#redis = redisServer(program, this.#home, this.#plan.ports.redis, this.#supervision('redis'));
    await this.#redis.start();
  }

  async #prepareDatabase({ key, name, folder }: ProcessEntry): Promise<void> {
    if (!isService(key)) return;
    const url = databaseUrlVariable(key);
    if (!this.#plan.outside[url]) await createDatabase(this.postgres.url('postgres'), declaration(key).database);
    await migrate(folder, this.#plan.env[url], parentEnv(), this.#logOf(`migrate-${name}`));
  }

  async #build(entry: ProcessEntry): Promise<void> {
    if (!entry.build) return;
    this.#options.onNotice?.(entry.name, 'building, if its sources changed');
    await runScript({
      what: `The build of ${entry.name}`,
      folder: entry.folder,
      script: entry.build,
      env: parentEnv(),
      timeout_ms: 300_000,
      onOutput: this.#logOf(`build-${entry.name}`),
      // A build takes minutes, and the next start repeats it: an aborted start need not wait for its end.
      signal: this.#options.signal,
    });
  }

  #logOf(name: string): (output: string) => void {
    const file = join(this.#home.logs, `${name}.log`);
    return (output) => this.#home.disk.attempt(file, () => writeFileSync(file, output, { mode: 0o600 }));
  }

  #supervise(planned: PlannedProcess): SupervisedProcess {
    const { name, entry, port } = planned;
    const spec = {
      name,
      command: [process.execPath, entry.main],
      cwd: join(repoRoot, entry.folder),
      env: serviceEnv(this.#plan, planned, parentEnv(), this.#options.env?.[entry.key]),
      port,
      probe: async () => (await httpStatus(`${httpUrl(port)}/readyz`)) === 200,
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

  // Even if no service runs: a person can then inspect the databases.
  #needsPostgres(): boolean {
    return SERVICE_KEYS.some((key) => !this.#plan.outside[databaseUrlVariable(key)]);
  }

  #neededPorts(): NeededPort[] {
    const { processes, ports, outside } = this.#plan;
    const servers = [
      ...(this.#needsPostgres() ? [{ ...portTable.postgres, port: ports.postgres, purpose: 'PostgreSQL' }] : []),
      ...(outside.REDIS_URL ? [] : [{ ...portTable.redis, port: ports.redis, purpose: 'Redis' }]),
    ];
    return [
      ...processes.map(({ name, port, entry }) => ({ port, purpose: name, variable: portTable[entry.key].variable })),
      ...servers,
    ];
  }

  /** @throws Error when the environment names a server that does not answer */
  async #requireAnswer(variable: keyof GivenUrls, what: string, ask: (url: string) => Promise<boolean>): Promise<void> {
    const url = this.#plan.outside[variable];
    if (!url || (await ask(url))) return;
    const { host } = new URL(url);
    throw new Error(
      `${variable} says to use the ${what} at ${host}, but it does not answer. Start it, or unset ${variable}.`,
    );
  }
}

const isService = (key: ProcessKey): key is ServiceKey => SERVICE_KEYS.includes(key as ServiceKey);

/** Waits for all tasks to end: none may go on while the caller handles the error. */
async function allOrFirstError(tasks: readonly Promise<void>[]): Promise<void> {
  const results = await Promise.allSettled(tasks);
  const failed = results.find(({ status }) => status === 'rejected') as PromiseRejectedResult | undefined;
  if (failed) throw failed.reason;
}
