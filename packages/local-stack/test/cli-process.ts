import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseDotenv } from '../src/env-file.ts';
import { releasePorts, reservePorts } from '../src/free-ports.ts';
import { createHome, type Home } from '../src/home.ts';
import { removeHome, stopLeftovers } from '../src/leftovers.ts';

const cli = join(import.meta.dirname, '../src/cli.ts');

/** One `.valerix` folder on ports of its own, and the command line run on it as a terminal would. */
export class TestHome {
  readonly home: Home;
  readonly env: NodeJS.ProcessEnv;
  readonly #ports: number[];
  readonly #started: RunningCli[] = [];

  private constructor(home: Home, ports: number[]) {
    this.home = home;
    this.#ports = ports;
    const [dashboard, order, inventory, laboratory, postgres, redis] = ports.map(String);
    this.env = {
      ...process.env,
      VALERIX_HOME: home.path,
      // Somebody else's dashboard and laboratory, so that not every test starts them; '' starts them after all.
      DASHBOARD_URL: 'http://dashboard.invalid',
      LABORATORY_URL: 'http://laboratory.invalid',
      DASHBOARD_PORT: dashboard,
      ORDER_PORT: order,
      INVENTORY_PORT: inventory,
      LABORATORY_PORT: laboratory,
      POSTGRES_PORT: postgres,
      REDIS_PORT: redis,
    };
  }

  static async create(): Promise<TestHome> {
    return new TestHome(createHome(mkdtempSync(join(tmpdir(), 'valerix-test-'))), await reservePorts(6));
  }

  /** `make up`, in the background. */
  up(env: NodeJS.ProcessEnv = {}): RunningCli {
    const running = new RunningCli(['up'], { ...this.env, ...env });
    this.#started.push(running);
    return running;
  }

  /** Any other command, to its end. */
  async run(args: string[], env: NodeJS.ProcessEnv = {}): Promise<{ code: number | null; output: string }> {
    const running = new RunningCli(args, { ...this.env, ...env });
    return { code: await running.exit, output: running.output };
  }

  /** What `.valerix/env` says. */
  addresses() {
    return parseDotenv(readFileSync(this.home.envFile, 'utf8'));
  }

  /** All processes that belong to this home: by their environment, or their arguments. */
  pids(): string[] {
    return readdirSync('/proc')
      .filter((entry) => /^\d+$/.test(entry))
      .filter((pid) => ['environ', 'cmdline'].some((file) => text(`/proc/${pid}/${file}`).includes(this.home.path)));
  }

  /** Their command lines. */
  processes(): string[] {
    return this.pids().map((pid) => text(`/proc/${pid}/cmdline`).replaceAll('\0', ' '));
  }

  /** Leaves nothing behind, whatever the test did. */
  async clear(): Promise<void> {
    for (const running of this.#started) running.signal('SIGKILL');
    await Promise.all(this.#started.map(({ exit }) => exit));
    await stopLeftovers(this.home);
    removeHome(this.home);
    rmSync(this.home.path, { recursive: true, force: true });
    releasePorts(this.#ports);
  }
}

/** The command line as a process group of its own, which is what a terminal sends Ctrl-C to. */
export class RunningCli {
  output = '';
  readonly exit: Promise<number | null>;
  readonly #child: ChildProcess;

  constructor(args: string[], env: NodeJS.ProcessEnv) {
    this.#child = spawn(process.execPath, [cli, ...args], { env, detached: true, stdio: ['ignore', 'pipe', 'pipe'] });
    for (const stream of [this.#child.stdout, this.#child.stderr]) {
      stream?.on('data', (chunk) => {
        this.output += chunk;
      });
    }
    this.exit = new Promise((resolve) => this.#child.once('close', (code) => resolve(code)));
  }

  /** To every process of the group. */
  signal(signal: NodeJS.Signals): void {
    try {
      process.kill(-(this.#child.pid as number), signal);
    } catch {
      // Over already.
    }
  }

  /** Waits until the output holds a text. */
  async says(expected: string | RegExp, limit_ms = 90_000): Promise<void> {
    const deadline = Date.now() + limit_ms;
    const found = () => (typeof expected === 'string' ? this.output.includes(expected) : expected.test(this.output));
    while (!found()) {
      if (Date.now() > deadline || this.#child.exitCode !== null) {
        throw new Error(`It never said ${expected}. It said:\n${this.output}`);
      }
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }
}

function text(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}
