import { parseArgs } from 'node:util';
import { explain } from '@valerix/local-stack/commands/explain';
import { checkCommand } from './commands/check.ts';
import { type Flags, OPTIONS } from './commands/flags.ts';
import { listCommand } from './commands/list.ts';
import { matrixCommand } from './commands/matrix.ts';
import { runCommand } from './commands/run.ts';
import { validateCommand } from './commands/validate.ts';
import { type Config, readConfig } from './config.ts';
import { DEFENCES } from './defences/defences.ts';
import { EXIT_UNUSABLE } from './runner/verdict.ts';
import { TARGET_COMMANDS } from './targets/target.ts';

const usage = `Usage: npx node gameday/src/cli.ts <command> [options]

  run EXPERIMENT…   run experiments, by name or file, one after another
  matrix [DEFENCE…] remove one defence after another from the services, and show what breaks without it
  list              list the experiments that come with Valerix
  check             compare the databases of the running stack, without breaking anything
  validate FILE…    say what is wrong with an experiment

Options of run:
  --duration S      seconds of load instead of the experiment's; a longer run repeats the method
  --rate N          orders a second instead of the experiment's
  --seed N          another schedule; the same seed gives the same operations
  --target NAME     local (a fresh stack of its own, the default) or kubernetes
  --attach          use the running stack (of .valerix/env); asks first, unless --yes is given
  --namespace NAME  the namespace of the Kubernetes target; default: valerix
  --report DIR      where to write reports; default: .valerix/gameday
  --laboratory      set by the laboratory: tells it which run this is, and ends with it
Options of check:
  --running         do not expect orders to be settled: the system may be at work
Options of matrix:
  --seed N          another schedule, for every experiment
  --report DIR      where to write reports; default: .valerix/matrix

Exit codes: 0 PASS, 1 FAIL, 2 INCONCLUSIVE, 3 it could not be run.
Of matrix: 0 every property breaks without its defence and holds with it; 1 one does not hold, or does not break;
2 a run did not show all it had to, or was cut short; 3 one could not be run.

Defences of the matrix; running all of them updates docs/defences.md:
${DEFENCES.map(({ name, property }) => `  ${name.padEnd(18)}${property.statement}`).join('\n')}

Commands of the target in experiments ("path": "valerix-target"):
${Object.entries(TARGET_COMMANDS)
  .map(([command, what]) => `  ${command.padEnd(28)}${what}`)
  .join('\n')}`;

interface Command {
  /** The options it reads. */
  options: readonly (keyof Flags)[];
  /** It takes no names. */
  nameless?: true;
  run(config: Config, args: readonly string[], flags: Flags): number | Promise<number>;
}

const COMMANDS = new Map<string, Command>([
  [
    'run',
    {
      options: ['duration', 'rate', 'seed', 'target', 'attach', 'yes', 'namespace', 'report', 'laboratory'],
      run: runCommand,
    },
  ],
  ['matrix', { options: ['seed', 'report'], run: matrixCommand }],
  ['list', { options: [], nameless: true, run: listCommand }],
  [
    'check',
    { options: ['running'], nameless: true, run: (config, _, { running = false }) => checkCommand(config, running) },
  ],
  ['validate', { options: [], run: (_, files) => validateCommand(files) }],
]);

/** Runs one command line. @returns the exit code */
export async function main(argv: readonly string[]): Promise<number> {
  const misused = (problem: string): number => {
    console.error(`${problem}\n\n${usage}`);
    return EXIT_UNUSABLE;
  };
  let parsed: ReturnType<typeof parse>;
  try {
    parsed = parse(argv);
  } catch (error) {
    return misused((error as Error).message);
  }
  const { values, positionals } = parsed;
  const [name, ...args] = positionals;
  if (values.help || name === undefined) {
    console.log(usage);
    return values.help ? 0 : EXIT_UNUSABLE;
  }
  const command = COMMANDS.get(name);
  if (!command) return misused(`Unknown command "${name}".`);
  const unread = Object.keys(values).filter((option) => !command.options.includes(option as keyof Flags));
  if (unread.length > 0) return misused(`"${name}" does not take ${unread.map((option) => `--${option}`).join(', ')}.`);
  if (args.length > 0 && command.nameless) return misused(`"${name}" does not take "${args.join(' ')}".`);
  return command.run(readConfig(), args, values);
}

const parse = (argv: readonly string[]) => parseArgs({ args: [...argv], options: OPTIONS, allowPositionals: true });

if (import.meta.main) {
  // The terminal may be closed before a run has rolled back and reported.
  process.stderr.on('error', () => {});
  try {
    process.exitCode = await main(process.argv.slice(2));
  } catch (error) {
    console.error(explain(error));
    process.exitCode = EXIT_UNUSABLE;
  }
  process.exit();
}
