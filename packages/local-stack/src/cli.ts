import { parseArgs } from 'node:util';
import { explain } from './commands/explain.ts';
import { logs } from './commands/logs.ts';
import { reset } from './commands/reset.ts';
import { status } from './commands/status.ts';
import { stop } from './commands/stop.ts';
import { up } from './commands/up.ts';
import { type LocalConfig, portTable, readConfig, urlVariables } from './config.ts';
import { AlreadyRunning } from './home/home-lock.ts';
import { ensureTool, type ToolName, tools } from './machine/tools.ts';

interface Command {
  summary: string;
  help: string;
  /** How many words may follow it; none unless said. */
  words?: number;
  run: (config: LocalConfig, args: readonly string[], flags: Flags) => Promise<number>;
}

interface Flags {
  'no-follow'?: boolean;
}

const commands: Readonly<Record<string, Command>> = {
  up: {
    summary: 'start everything and watch over it until Ctrl-C',
    help: `Starts PostgreSQL, Redis and the services, runs the migrations, and waits until all are ready.
Ctrl-C stops everything in order; a second one kills.

  VALERIX_HOME         the folder of databases, logs and secrets (.valerix)
  PORT_OFFSET          shifts every port, so that several stacks can run
${Object.values(portTable)
  .map(({ variable, port }) => `  ${variable.padEnd(20)} the port, instead of ${port}`)
  .join('\n')}
${urlVariables.map((name) => `  ${name.padEnd(24)} use what is there instead of starting it`).join('\n')}
  OPERATOR_TOKEN       at least 16 characters; else a random one, kept over restarts
  VALERIX_VERBOSE=1    every log line on the terminal; NO_COLOR=1 no colours
Every other variable reaches the services as it is.`,
    run: (config) => up(config),
  },
  status: {
    summary: 'what runs, where, since when, and how it is',
    help: 'Shows a line per process. The exit code is 0 when the stack runs and all of it answers, else 1.',
    run: (config) => status(config),
  },
  stop: {
    summary: 'stop the stack of another terminal, or what a killed one left',
    help: 'Stops in the same order as Ctrl-C, and waits until everything is gone.',
    run: (config) => stop(config),
  },
  logs: {
    summary: 'follow the logs: logs [NAME] [--no-follow]',
    help: 'Shows the last 20 lines of each log, or of the one named, and follows until Ctrl-C.',
    words: 1,
    run: (config, [name], flags) => logs(config, { name, follow: !flags['no-follow'] }),
  },
  reset: {
    summary: 'delete databases, logs and secrets',
    help: 'Says what it deletes and asks; YES=1 answers. Refuses while the stack runs.',
    run: (config) => reset(config),
  },
  deps: {
    summary: `find or install programs that are not from npm: ${Object.keys(tools).join(', ')}`,
    help: 'As root on Debian they are installed with apt-get; elsewhere it says how.',
    words: Number.POSITIVE_INFINITY,
    run: (_config, names) => installTools(names),
  },
};

const usage = `Usage: npx node packages/local-stack/src/cli.ts <command> [--help]

${Object.entries(commands)
  .map(([name, { summary }]) => `  ${name.padEnd(8)} ${summary}`)
  .join('\n')}`;

/** Runs one command line. @returns the exit code: 2 for a command line nobody understands */
export async function main(argv: readonly string[]): Promise<number> {
  const parsed = parse(argv);
  const [name, ...args] = parsed?.positionals ?? [];
  const command = name === undefined ? undefined : commands[name];
  if (!parsed || (!command && !parsed.values.help)) {
    console.error(name && parsed ? `Unknown command "${name}".\n\n${usage}` : usage);
    return 2;
  }
  if (parsed.values.help || !command) {
    console.log(command ? `${name}: ${command.summary}\n\n${command.help}` : usage);
    return 0;
  }
  const surplus = [
    ...args.slice(command.words ?? 0),
    ...(parsed.values['no-follow'] && name !== 'logs' ? ['--no-follow'] : []),
  ];
  if (surplus.length > 0) {
    console.error(`"${name}" does not take "${surplus.join(' ')}".\n\n${usage}`);
    return 2;
  }
  return command.run(readConfig(), args, parsed.values);
}

function parse(argv: readonly string[]) {
  try {
    const options = { help: { type: 'boolean', short: 'h' }, 'no-follow': { type: 'boolean' } } as const;
    return parseArgs({ args: [...argv], options, allowPositionals: true });
  } catch (error) {
    console.error((error as Error).message);
    return undefined;
  }
}

async function installTools(names: readonly string[]): Promise<number> {
  const unknown = names.filter((name) => !(name in tools));
  if (names.length === 0 || unknown.length > 0) {
    console.error(`Name some of: ${Object.keys(tools).join(', ')}.`);
    return 2;
  }
  for (const name of names) console.log(`${name}: ${await ensureTool(name as ToolName, console.log)}`);
  return 0;
}

if (import.meta.main) {
  try {
    process.exitCode = await main(process.argv.slice(2));
  } catch (error) {
    const more = error instanceof AlreadyRunning ? ' "make status" shows it, "make stop" stops it.' : '';
    console.error(`${explain(error)}${more}`);
    process.exitCode = 1;
  }
  // Timers and sockets of a stack that is stopped must not keep the terminal waiting.
  process.exit();
}
