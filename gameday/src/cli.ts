import { parseArgs } from 'node:util';
import { explain } from '@valerix/local-stack/commands/explain';
import { checkCommand } from './commands/check.ts';
import { listCommand } from './commands/list.ts';
import { type MatrixFlags, matrixCommand } from './commands/matrix.ts';
import { type RunFlags, runCommand } from './commands/run.ts';
import { validateCommand } from './commands/validate.ts';
import { readConfig } from './config.ts';
import { DEFENCES } from './defences/defences.ts';
import { EXIT_UNUSABLE } from './runner/verdict.ts';
import { TARGET_COMMANDS } from './targets/target.ts';

const usage = `Usage: npx node gameday/src/cli.ts <command> [options]

  run EXPERIMENT…   run experiments, by name or file, one after another
  matrix [DEFENCE…] take one defence after another out of the services, and show what breaks without it
  list              the experiments that come with Valerix
  check             compare the databases of the running stack, without breaking anything
  validate FILE…    say what is wrong with an experiment

Options of run:
  --duration S      seconds of load instead of the experiment's; a longer run repeats the method
  --rate N          orders a second instead of the experiment's
  --seed N          another schedule; the same seed gives the same operations
  --target NAME     local (a fresh stack of its own, the default) or kubernetes
  --attach          use the stack that runs already (of .valerix/env); asks first, --yes answers
  --namespace NAME  of the Kubernetes target; valerix unless said
  --report DIR      where reports go; .valerix/gameday unless said
  --laboratory      started by the laboratory: tells it which run this is, and ends with it
Options of check:
  --running         orders may still be under way: do not expect them to have ended
Options of matrix:
  --seed N          another schedule, for every experiment
  --report DIR      where reports go; .valerix/matrix unless said

Exit codes: 0 PASS, 1 FAIL, 2 INCONCLUSIVE, 3 it could not be run.
Of matrix: 0 every property breaks without its defence and holds with it; 1 one does not hold, or does not break;
2 a run did not show what it was to show, or it was cut short; 3 one could not be run.

Defences of the matrix; docs/defences.md is written when all of them were run:
${DEFENCES.map(({ name, property }) => `  ${name.padEnd(18)}${property.statement}`).join('\n')}

Commands of the target in experiments ("path": "valerix-target"):
${Object.entries(TARGET_COMMANDS)
  .map(([command, what]) => `  ${command.padEnd(28)}${what}`)
  .join('\n')}`;

const options = {
  help: { type: 'boolean', short: 'h' },
  duration: { type: 'string' },
  rate: { type: 'string' },
  seed: { type: 'string' },
  target: { type: 'string' },
  attach: { type: 'boolean' },
  yes: { type: 'boolean' },
  namespace: { type: 'string' },
  report: { type: 'string' },
  laboratory: { type: 'boolean' },
  running: { type: 'boolean' },
} as const;

/** The options each command reads. */
const commandOptions = new Map<string, readonly (keyof typeof options)[]>([
  ['run', ['duration', 'rate', 'seed', 'target', 'attach', 'yes', 'namespace', 'report', 'laboratory']],
  ['matrix', ['seed', 'report']],
  ['list', []],
  ['check', ['running']],
  ['validate', []],
]);

/** The commands that take no names. */
const nameless = ['list', 'check'];

/** Runs one command line. @returns the exit code */
export async function main(argv: readonly string[]): Promise<number> {
  let parsed: ReturnType<typeof parse>;
  try {
    parsed = parse(argv);
  } catch (error) {
    console.error(`${(error as Error).message}\n\n${usage}`);
    return EXIT_UNUSABLE;
  }
  const { values, positionals } = parsed;
  const [name, ...args] = positionals;
  if (values.help || name === undefined) {
    console.log(usage);
    return values.help ? 0 : EXIT_UNUSABLE;
  }
  const problem = problemOf(name, args, Object.keys(values));
  if (problem) {
    console.error(`${problem}\n\n${usage}`);
    return EXIT_UNUSABLE;
  }
  const config = readConfig();
  switch (name) {
    case 'run':
      return runCommand(config, args, values satisfies RunFlags);
    case 'matrix':
      return matrixCommand(config, args, values satisfies MatrixFlags);
    case 'list':
      return listCommand();
    case 'check':
      return checkCommand(config, values.running === true);
    case 'validate':
      return validateCommand(args);
    default:
      throw new Error(`"${name}" is in the table of commands, and nothing carries it out.`);
  }
}

/** What is wrong with a command line whose every word is known. */
function problemOf(name: string, args: readonly string[], given: readonly string[]): string | undefined {
  const known: readonly string[] | undefined = commandOptions.get(name);
  if (!known) return `Unknown command "${name}".`;
  const unread = given.filter((option) => !known.includes(option));
  if (unread.length > 0) return `"${name}" does not take ${unread.map((option) => `--${option}`).join(', ')}.`;
  if (args.length > 0 && nameless.includes(name)) return `"${name}" does not take "${args.join(' ')}".`;
  return undefined;
}

const parse = (argv: readonly string[]) => parseArgs({ args: [...argv], options, allowPositionals: true });

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
