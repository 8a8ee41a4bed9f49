import { type ChildProcess, spawn } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Env } from '../config.ts';
import type { Home } from '../home/home.ts';
import { LineSplitter } from '../home/line-splitter.ts';
import { LogFile } from '../home/log-file.ts';
import { type ProcessState, removeRecord, writeRecord } from '../home/run-record.ts';
import { afterCrash, trySignal } from '../machine/after-crash.ts';
import { processIdentity } from '../machine/process-identity.ts';
import { HEALTHY_AFTER_MS, restartDelayMs } from './backoff.ts';

export interface ProcessSpec {
  name: string;
  command: readonly string[];
  cwd: string;
  env: Env;
  port: number;
  /** True once the process is ready. */
  probe: () => Promise<boolean>;
}

export interface SupervisionOptions {
  home: Home;
  /** Restart it when it dies by itself. */
  restart: boolean;
  onLine: (line: string) => void;
  /** Reports an event of the process in words. */
  onNotice: (text: string) => void;
}

/** A process did not start. The message ends with its last log lines. */
export class StartFailure extends Error {}

const KEPT_LINES = 20;
const PROBE_EVERY_MS = 50;

/** One child process, its log and its restarts. */
export class SupervisedProcess {
  readonly spec: ProcessSpec;
  readonly #options: SupervisionOptions;
  readonly #log: LogFile;
  #child: ChildProcess | undefined;
  #exit: Promise<void> = Promise.resolve();
  #wanted = false;
  #supervised = false;
  #failures = 0;
  #restarts = 0;
  #startedAt = 0;
  #timer: NodeJS.Timeout | undefined;
  #lastLines: string[] = [];

  constructor(spec: ProcessSpec, options: SupervisionOptions) {
    this.spec = spec;
    this.#options = options;
    this.#log = new LogFile(`${options.home.logs}/${spec.name}.log`, options.home.disk);
  }

  /** Undefined while it does not run. */
  get pid(): number | undefined {
    return this.#child?.pid;
  }

  /** Its address, if it speaks HTTP. */
  get url(): string {
    return `http://127.0.0.1:${this.spec.port}`;
  }

  /**
   * Starts it unless it runs, and waits until it is ready.
   * @throws StartFailure when it dies first or is not ready in time
   */
  async start(limitMs = 60_000): Promise<void> {
    this.#wanted = true;
    clearTimeout(this.#timer);
    // A death during the start fails the start instead of causing a restart.
    this.#supervised = false;
    if (!this.#child) this.#spawn();
    try {
      await this.#becomesReady(limitMs);
    } finally {
      this.#supervised = true;
    }
  }

  /** Waits until it is ready, through any restarts. */
  async untilReady(limitMs = 60_000): Promise<void> {
    const deadline = Date.now() + limitMs;
    while (!(this.#child && (await this.spec.probe()))) {
      if (Date.now() > deadline) throw this.#failure(`is not ready after ${limitMs / 1000} s`);
      await sleep(PROBE_EVERY_MS);
    }
  }

  /** Sends a signal to its process group. After a SIGKILL, resolves when it has ended. */
  async kill(signal: NodeJS.Signals): Promise<void> {
    if (this.pid === undefined) return;
    const exit = this.#exit;
    trySignal(-this.pid, signal);
    if (signal === 'SIGKILL') await exit;
  }

  /** SIGTERM, then SIGKILL after the grace (0: at once); it stays down until `start`. */
  async stop(graceMs = 15_000): Promise<void> {
    this.#wanted = false;
    clearTimeout(this.#timer);
    const ran = this.pid !== undefined;
    if (this.pid !== undefined && graceMs > 0) {
      trySignal(-this.pid, 'SIGTERM');
      // A halted process (SIGSTOP) handles SIGTERM only after it continues.
      trySignal(-this.pid, 'SIGCONT');
      await Promise.race([this.#exit, sleep(graceMs, undefined, { ref: false })]);
      if (this.#child) this.#options.onNotice(`did not stop within ${graceMs / 1000} s: killed`);
    }
    await this.kill('SIGKILL');
    if (ran) this.#options.onNotice('stopped');
    removeRecord(this.#options.home, this.spec.name);
  }

  /** SIGKILL; it stays down until `start`. */
  hold(): Promise<void> {
    return this.stop(0);
  }

  #spawn(): void {
    const [command = '', ...args] = this.spec.command;
    const child = spawn(command, args, {
      cwd: this.spec.cwd,
      env: this.spec.env as NodeJS.ProcessEnv,
      stdio: ['ignore', 'pipe', 'pipe'],
      // A separate process group: Ctrl-C in the terminal reaches only the supervisor, which stops everything in order.
      detached: true,
    });
    this.#child = child;
    this.#startedAt = Date.now();
    this.#lastLines = [];
    this.#collect(child.stdout);
    this.#collect(child.stderr);
    const forget = afterCrash(() => (child.pid === undefined ? undefined : -child.pid), 'SIGKILL');
    this.#exit = new Promise((resolve) => {
      const over = (how: string): void => {
        forget();
        // Kill the children it left behind.
        if (child.pid !== undefined) trySignal(-child.pid, 'SIGKILL');
        this.#child = undefined;
        this.#died(how);
        resolve();
      };
      child.once('error', (error) => over(error.message));
      child.once('exit', (code, signal) => over(signal ? `killed by ${signal}` : `exited with code ${code}`));
    });
    this.#record('running');
  }

  #died(how: string): void {
    if (!this.#wanted) return;
    this.#options.onNotice(how);
    this.#record('stopped');
    if (this.#supervised && this.#options.restart) this.#restartLater();
  }

  #restartLater(): void {
    if (Date.now() - this.#startedAt >= HEALTHY_AFTER_MS) this.#failures = 0;
    const delayMs = restartDelayMs(this.#failures);
    this.#failures += 1;
    this.#restarts += 1;
    this.#record('restarting');
    this.#options.onNotice(`restarting in ${delayMs / 1000} s`);
    this.#timer = setTimeout(() => {
      this.#options.onNotice('restarted');
      this.#spawn();
    }, delayMs);
  }

  async #becomesReady(limitMs: number): Promise<void> {
    const deadline = Date.now() + limitMs;
    const child = this.#child;
    for (;;) {
      if (this.#child !== child) throw this.#failure(this.#wanted ? 'died while it started' : 'was stopped');
      if (await this.spec.probe()) return;
      if (Date.now() > deadline) throw this.#failure(`was not ready within ${limitMs / 1000} s`);
      await sleep(PROBE_EVERY_MS);
    }
  }

  #failure(what: string): StartFailure {
    const lines = this.#lastLines.map((line) => `  ${line}`).join('\n');
    const shown = lines ? `Its last lines:\n${lines}` : 'It wrote nothing.';
    return new StartFailure(`${this.spec.name} ${what}. ${shown}`);
  }

  #collect(stream: NodeJS.ReadableStream | null): void {
    const splitter = new LineSplitter((line) => {
      this.#lastLines.push(line);
      if (this.#lastLines.length > KEPT_LINES) this.#lastLines.shift();
      this.#options.onLine(line);
    });
    stream?.on('data', (chunk: Buffer) => {
      this.#log.write(chunk);
      splitter.push(chunk);
    });
    stream?.on('end', () => splitter.end());
  }

  #record(state: ProcessState): void {
    writeRecord(this.#options.home, {
      name: this.spec.name,
      pid: this.pid,
      identity: this.pid === undefined ? undefined : processIdentity(this.pid),
      port: this.spec.port,
      state,
      startedAt: this.pid === undefined ? undefined : new Date(this.#startedAt).toISOString(),
      restarts: this.#restarts,
    });
  }
}

/** What tests and game days do to one process of a stack. */
export type ProcessHandle = Pick<SupervisedProcess, 'pid' | 'url' | 'start' | 'stop' | 'hold' | 'kill' | 'untilReady'>;
