import {
  appendFileSync,
  chownSync,
  existsSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Home, keptSecret } from '../home/home.ts';
import { rotateByCopy } from '../home/log-file.ts';
import { removeRecord, writeRecord } from '../home/run-record.ts';
import { afterCrash } from '../machine/after-crash.ts';
import { processIdentity } from '../machine/process-identity.ts';
import { runCommand } from '../machine/run-command.ts';
import { databaseUser, type SystemUser } from '../machine/system-user.ts';
import { restartDelayMs } from './backoff.ts';
import { createStatStatements } from './databases.ts';
import { findPostgresBinaries, type PostgresBinaries } from './postgres-binaries.ts';
import { postgresConfig } from './postgres-config.ts';
import { ensureLocation, type PostgresLocation } from './postgres-location.ts';
import { postgresUrl, superuser } from './postgres-url.ts';
import { postmasterPid, removeStalePidFile, stopPostmaster } from './postmaster.ts';

export interface PostgresOptions {
  home: Home;
  port: number;
  /** Start it again when it dies by itself. */
  restart: boolean;
  onNotice: (text: string) => void;
}

const WATCH_EVERY_MS = 500;
const ORPHANS_END_WITHIN_MS = 20_000;

/** One PostgreSQL cluster of a home, driven through `pg_ctl`. */
export class PostgresServer {
  readonly #options: PostgresOptions;
  readonly #user: SystemUser = databaseUser();
  readonly #binaries: PostgresBinaries;
  readonly #location: PostgresLocation;
  readonly #password: string;
  #wanted = false;
  #restarts = 0;
  #startedAt = 0;
  #watching: NodeJS.Timeout | undefined;
  #forgetExit = (): void => {};

  constructor(options: PostgresOptions) {
    this.#options = options;
    this.#binaries = findPostgresBinaries(this.#user);
    this.#location = ensureLocation(options.home, this.#user);
    this.#password = keptSecret(options.home.passwordFile);
  }

  get port(): number {
    return this.#options.port;
  }

  get pid(): number | undefined {
    return postmasterPid(this.#location.data);
  }

  /** The address of one database, with its user and password. */
  url(database: string): string {
    return postgresUrl(this.#password, this.port, database);
  }

  /** Starts it unless it runs, creating the cluster if there is none. Resolves when it accepts connections. */
  async start(): Promise<void> {
    this.#wanted = true;
    if (this.pid !== undefined) return;
    // While it starts, a missing postmaster does not mean that it died.
    clearInterval(this.#watching);
    if (!existsSync(join(this.#location.data, 'PG_VERSION'))) await this.#createCluster();
    await this.#startPostmaster();
    this.#watch();
    if (this.#binaries.hasStatStatements) await createStatStatements(this.url('postgres'));
  }

  /**
   * Stops it until `start`. `fast` rolls running transactions back and writes everything out; `immediate` is a crash, which
   * leaves recovery to the next start.
   */
  async stop(mode: 'fast' | 'immediate' = 'fast'): Promise<void> {
    this.#wanted = false;
    this.#forgetExit();
    const ran = this.pid !== undefined;
    await stopPostmaster(this.#location.data, mode);
    if (ran) this.#options.onNotice('stopped');
    removeRecord(this.#options.home, 'postgres');
  }

  async #createCluster(): Promise<void> {
    const { data, folder } = this.#location;
    // Without PG_VERSION the folder is not a cluster: an interrupted initdb left it.
    rmSync(data, { recursive: true, force: true });
    const passwordFile = join(folder, 'initdb-password');
    writeFileSync(passwordFile, this.#password, { mode: 0o600 });
    this.#giveToUser(passwordFile);
    const draft = `${data}.new`;
    rmSync(draft, { recursive: true, force: true });
    const args = ['-D', draft, '-U', superuser, '--pwfile', passwordFile, '-A', 'scram-sha-256', '-E', 'UTF8'];
    // The builtin provider sorts the same on every machine, independent of its locales.
    args.push('--locale-provider=builtin', '--builtin-locale=C.UTF-8', '--locale=C', '--no-instructions');
    const { code, output } = await this.#run(this.#binaries.initdb, args);
    rmSync(passwordFile, { force: true });
    if (code !== 0) throw new Error(`initdb failed:\n${output}`);
    appendFileSync(join(draft, 'postgresql.conf'), "include_if_exists = 'valerix.conf'\n");
    // Rename it last: a cluster exists whole or not at all.
    renameSync(draft, data);
  }

  async #startPostmaster(): Promise<void> {
    const { data } = this.#location;
    removeStalePidFile(data);
    const config = join(data, 'valerix.conf');
    writeFileSync(config, postgresConfig(this.port, this.#binaries.hasStatStatements));
    this.#giveToUser(config);
    this.#rotateLog();
    await this.#pgCtlStart();
    this.#startedAt = Date.now();
    this.#forgetExit = afterCrash(() => this.pid, 'SIGQUIT');
    this.#record('running');
  }

  async #pgCtlStart(): Promise<void> {
    const { data, log } = this.#location;
    const deadline = Date.now() + ORPHANS_END_WITHIN_MS;
    for (;;) {
      const { code, output } = await this.#run(this.#binaries.pgCtl, ['start', '-D', data, '-l', log, '-w', '-s']);
      if (code === 0) return;
      const said = `${output}\n${lastLines(log, 20)}`;
      // After a SIGKILL of the postmaster its backends end by themselves, but not always before we are back.
      const orphans = said.includes('pre-existing shared memory block');
      if (!orphans || Date.now() > deadline) throw new Error(`PostgreSQL did not start:\n${said}`);
      await sleep(200);
    }
  }

  #watch(): void {
    const timer = setInterval(() => {
      if (!this.#wanted) return clearInterval(timer);
      this.#rotateLog();
      if (this.pid !== undefined) return;
      clearInterval(timer);
      this.#forgetExit();
      this.#record('stopped');
      this.#options.onNotice('died');
      if (this.#options.restart) void this.#restart();
    }, WATCH_EVERY_MS);
    timer.unref();
    this.#watching = timer;
  }

  async #restart(): Promise<void> {
    for (let failures = 0; this.#wanted; failures += 1) {
      const delayMs = restartDelayMs(failures);
      this.#options.onNotice(`restarting in ${delayMs / 1000} s`);
      this.#record('restarting');
      await sleep(delayMs);
      // `start` may have been called meanwhile.
      if (!this.#wanted || this.pid !== undefined) return;
      try {
        this.#restarts += 1;
        await this.#startPostmaster();
        this.#options.onNotice('running again');
        return this.#watch();
      } catch (error) {
        this.#options.onNotice((error as Error).message);
      }
    }
  }

  #record(state: 'running' | 'restarting' | 'stopped'): void {
    const pid = state === 'running' ? this.pid : undefined;
    writeRecord(this.#options.home, {
      name: 'postgres',
      pid,
      identity: pid === undefined ? undefined : processIdentity(pid),
      port: this.port,
      state,
      startedAt: state === 'running' ? new Date(this.#startedAt).toISOString() : undefined,
      restarts: this.#restarts,
    });
  }

  #rotateLog(): void {
    const { log } = this.#location;
    this.#options.home.disk.attempt(log, () => rotateByCopy(log));
  }

  #giveToUser(file: string): void {
    if (this.#user.switched) chownSync(file, this.#user.uid, this.#user.gid);
  }

  // From "/", which every user can enter, and without PG* variables meant for another server.
  #run(command: string, args: readonly string[]) {
    return runCommand(command, args, {
      user: this.#user,
      cwd: '/',
      env: { PATH: '/usr/bin:/bin', LC_ALL: 'C', TZ: 'UTC' },
    });
  }
}

/** What tests and game days do to PostgreSQL. */
export type PostgresHandle = Pick<PostgresServer, 'pid' | 'start' | 'stop'>;

function lastLines(file: string, count: number): string {
  if (!existsSync(file) || statSync(file).size === 0) return '';
  return readFileSync(file, 'utf8').trimEnd().split('\n').slice(-count).join('\n');
}
