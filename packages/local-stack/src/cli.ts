import { commandLine, exitCodeOf } from './commands/command-line.ts';
import { explain } from './commands/explain.ts';
import { logs } from './commands/logs.ts';
import { reset } from './commands/reset.ts';
import { status } from './commands/status.ts';
import { stop } from './commands/stop.ts';
import { up } from './commands/up.ts';
import { type LocalConfig, portTable, readConfig, urlVariables } from './config.ts';
import { AlreadyRunning } from './home/home-lock.ts';
import { ensureTool, type ToolName, tools } from './machine/tools.ts';

const variables = `
  VALERIX_HOME         the folder of databases, logs and secrets (.valerix)
  PORT_OFFSET          shifts every port, so that several stacks can run
${Object.values(portTable)
  .map(({ variable, port }) => `  ${variable.padEnd(20)} instead of ${port}`)
  .join('\n')}
  OPERATOR_TOKEN       at least 16 characters; else a random one, kept over restarts
  VALERIX_VERBOSE=1    every log line on the terminal; NO_COLOR=1 no colours
What these name is used instead of started:
${urlVariables.map((name) => `  ${name}`).join('\n')}
Every other variable reaches the services as it is.`;

/** Runs one command line. @returns the exit code: 2 for a command line that has a mistake */
export async function main(argv: readonly string[]): Promise<number> {
  let code = 0;
  const program = commandLine('npx node packages/local-stack/src/cli.ts');
  /** A command of the program; it reads the settings once its command line is known to be right. */
  const command = <A extends unknown[]>(
    words: string,
    summary: string,
    help: string,
    run: (config: LocalConfig, ...args: A) => Promise<number>,
  ) =>
    program
      .command(words)
      .summary(summary)
      .description(`${words.split(' ')[0]}: ${summary}`)
      .addHelpText('after', `\n${help}`)
      .action(async (...args) => {
        code = await run(readConfig(), ...(args as unknown as A));
      });

  command(
    'up',
    'start everything and watch over it until Ctrl-C',
    `Starts PostgreSQL, Redis and the services, runs the migrations, and waits until all are ready.
Ctrl-C stops everything in order; a second one kills.
${variables}`,
    (config) => up(config),
  );
  command(
    'status',
    'what runs, where, since when, and how it is',
    'Shows a line per process. The exit code is 0 when the stack runs and all of it answers, else 1.',
    (config) => status(config),
  );
  command(
    'stop',
    'stop the stack of another terminal, or what a killed one left',
    'Stops in the same order as Ctrl-C, and waits until everything is gone.',
    (config) => stop(config),
  );
  command(
    'logs [name]',
    'follow the logs, or the one named',
    'Shows the last 20 lines of each log, or of the one named, and follows until Ctrl-C.',
    (config, name: string | undefined, { follow }: { follow: boolean }) => logs(config, { name, follow }),
  ).option('--no-follow', 'show the last lines and end');
  command(
    'reset',
    'delete databases, logs and secrets',
    'Says what it deletes and asks; YES=1 answers. Refuses while the stack runs.',
    (config) => reset(config),
  );
  command(
    'deps [names...]',
    `find or install programs that are not from npm: ${Object.keys(tools).join(', ')}`,
    'As root on Debian they are installed with apt-get; elsewhere it says how.',
    (_config, names: string[]) => installTools(names),
  );
  try {
    await program.parseAsync(argv, { from: 'user' });
    return code;
  } catch (error) {
    return exitCodeOf(error);
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
