import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { commandLine, pidsNaming, RunningCommand } from '../../../test/support/running-command.ts';
import { portTable } from '../src/config.ts';
import { parseDotenv } from '../src/home/env-file.ts';
import { createHome, type Home } from '../src/home/home.ts';
import { releasePorts, reservePorts } from '../src/machine/free-ports.ts';
import { removeHome, stopLeftovers } from '../src/stack/leftovers.ts';

const cli = join(import.meta.dirname, '../src/cli.ts');

/** One `.valerix` folder on ports of its own, and the command line run on it as a terminal would. */
export class TestHome {
  readonly home: Home;
  readonly env: NodeJS.ProcessEnv;
  readonly #ports: number[];
  readonly #started: RunningCommand[] = [];

  private constructor(home: Home, ports: number[]) {
    this.home = home;
    this.#ports = ports;
    this.env = {
      ...process.env,
      VALERIX_HOME: home.path,
      // Somebody else's dashboard and laboratory, so that not every test starts them; '' starts them after all.
      DASHBOARD_URL: 'http://dashboard.invalid',
      LABORATORY_URL: 'http://laboratory.invalid',
      ...Object.fromEntries(Object.values(portTable).map(({ variable }, index) => [variable, String(ports[index])])),
    };
  }

  static async create(): Promise<TestHome> {
    return new TestHome(
      createHome(mkdtempSync(join(tmpdir(), 'valerix-test-'))),
      await reservePorts(Object.keys(portTable).length),
    );
  }

  /** `make up`, in the background. */
  up(env: NodeJS.ProcessEnv = {}): RunningCommand {
    const running = new RunningCommand(cli, ['up'], { ...this.env, ...env });
    this.#started.push(running);
    return running;
  }

  /** Any other command, to its end. */
  async run(args: string[], env: NodeJS.ProcessEnv = {}): Promise<{ code: number | null; output: string }> {
    const running = new RunningCommand(cli, args, { ...this.env, ...env });
    return { code: await running.exit, output: running.output };
  }

  /** What `.valerix/env` says. */
  addresses() {
    return parseDotenv(readFileSync(this.home.envFile, 'utf8'));
  }

  /** All processes that belong to this home: by their environment, or their arguments. */
  pids(): string[] {
    return pidsNaming(this.home.path);
  }

  /** Their command lines. */
  processes(): string[] {
    return this.pids().map(commandLine);
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
