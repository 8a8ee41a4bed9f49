import { commandLine, exitCodeOf } from './commands/command-line.ts';
import { explain } from './commands/explain.ts';
import { halt } from './commands/halt.ts';
import { logs } from './commands/logs.ts';
import { type RedriveFlags, redrive } from './commands/redrive.ts';
import { reset } from './commands/reset.ts';
import { signIn } from './commands/sign-in.ts';
import { status } from './commands/status.ts';
import { stop } from './commands/stop.ts';
import { up } from './commands/up.ts';
import { type LocalConfig, portTable, readConfig, STACK_SECRETS, urlVariables } from './config.ts';
import { AlreadyRunning } from './home/home-lock.ts';
import { ensureTool, type ToolName, tools } from './machine/tools.ts';

const variables = `
  VALERIX_HOME         folder for databases, logs and secrets (default .valerix)
  PORT_OFFSET          added to every port, to run several stacks side by side
${Object.values(portTable)
  .map(({ variable, port }) => `  ${variable.padEnd(20)} default ${port}`)
  .join('\n')}
  VALERIX_VERBOSE=1    shows every log line on the terminal; NO_COLOR=1 turns colours off
Secrets, at least 16 characters each (default: random, kept across restarts):
${STACK_SECRETS.map((name) => `  ${name}`).join('\n')}
To use a server that already runs instead of starting one, set its address:
${urlVariables.map((name) => `  ${name}`).join('\n')}
All other variables are passed to the services unchanged (docs/configuration.md lists theirs), except those meant for other
programs: PG…, DATABASE_PASSWORD, REDIS_PASSWORD and REPLICA are ignored.`;

/** Runs one command line. @returns the exit code; 2 for a mistake in the command line */
export async function main(argv: readonly string[]): Promise<number> {
  let code = 0;
  const program = commandLine('npx node packages/local-stack/src/cli.ts');
  /** Declares a command. It reads the settings only after its command line has been parsed. */
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
    'start everything and keep it running until Ctrl-C',
    `Starts PostgreSQL, Redis and the services, runs the migrations, and waits until everything is ready.
Ctrl-C stops everything in order; a second Ctrl-C kills it.
${variables}`,
    up,
  );
  command(
    'status',
    'show every process: its port, uptime and health',
    'Shows one line per process. The exit code is 0 when every process runs and answers, else 1.',
    status,
  );
  command(
    'stop',
    'stop the stack of another terminal, or the processes a killed one left',
    'Stops in the same order as Ctrl-C, and waits until every process has ended.',
    stop,
  );
  command(
    'logs [name]',
    'follow all logs, or one',
    'Shows the last 20 lines of every log, or of the named one, then follows until Ctrl-C.',
    (config, name: string | undefined, { follow }: { follow: boolean }) => logs(config, { name, follow }),
  ).option('--no-follow', 'show the last lines and exit');
  command(
    'reset',
    'delete databases, logs and secrets',
    'Lists what it deletes and asks; YES=1 answers yes. Refuses while the stack runs.',
    reset,
  );
  command(
    'sign-in',
    'print a new one-time link that signs an operator in',
    'The link works once, and replaces the one before. It needs no account, and no identity service.',
    signIn,
  );
  command(
    'halt',
    'end all faults now, and list the processes that confirmed it',
    `Asks every service side by side, for 8 s at most, and writes the halt into Redis. It also works when some of them are dead.
The exit code is 0 when every process has confirmed, else 1.`,
    halt,
  );
  command(
    'redrive [ids...]',
    'requeue dead letters: these orders, or all that meet every condition',
    'Without an order id it needs a condition, or --all. The audit records who asked, and the reason.',
    (config, ids: string[], flags: RedriveFlags) => redrive(config, ids, flags),
  )
    .option('--all', 'every dead letter')
    .option('--item <id>', 'orders of this item')
    .option('--cause <cause>', 'the cause in their event order.dead_lettered')
    .option('--older-than <seconds>', 'dead letters for at least this long')
    .option('--reason <text>', 'why, for the audit');
  command(
    'deps [names...]',
    `find or install programs that are not from npm: ${Object.keys(tools).join(', ')}`,
    'Installs them with apt-get as root on Debian; elsewhere prints the command to run.',
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
  // Timers and sockets left by a stopped stack must not keep the terminal waiting.
  process.exit();
}
