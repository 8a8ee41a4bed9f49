import { commandLine, exitCodeOf } from '@valerix/local-stack/commands/command-line';
import { explain } from '@valerix/local-stack/commands/explain';
import { checkCommand } from './commands/check.ts';
import type { Flags } from './commands/flags.ts';
import { haltCommand } from './commands/halt.ts';
import { listCommand } from './commands/list.ts';
import { matrixCommand } from './commands/matrix.ts';
import { runCommand } from './commands/run.ts';
import { undoCommand } from './commands/undo.ts';
import { validateCommand } from './commands/validate.ts';
import { verifyCommand } from './commands/verify.ts';
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
  verify RUN…       judge runs again by their evidence alone, and report changes to the evidence
  undo [RUN…]       undo the steps that a killed runner has left, of these runs or of all
  halt              end all faults of the running system, and list the processes that confirmed it

Options of run:
  --duration S      seconds of load instead of the experiment's, or such as 15m or 2h; a longer run repeats the method
  --rate N          orders a second instead of the experiment's
  --seed N          another schedule; the same seed gives the same operations
  --target NAME     local (a fresh stack of its own, the default) or kubernetes
  --attach          use the running stack (of .valerix/env); asks first, unless --yes is given
  --namespace NAME  the namespace of the Kubernetes target; default: valerix
  --report DIR      where to write reports; default: .valerix/gameday
  --junit FILE      write the verdicts as JUnit's XML
  --summary FILE    write the verdicts as a table in Markdown
  --baseline FILE   compare the figures of each PASS with those in FILE
  --write-baseline  write the figures of each PASS to the baseline's FILE instead
  --laboratory      set by the laboratory: report the run's id to it, and end when it ends
Options of check:
  --running         do not expect orders to be settled: the system may be under load
Options of validate:
  --target NAME     also say what this target cannot carry out: local (the default) or kubernetes
  --attach          likewise for the running stack
Options of halt:
  --target NAME     local (the running stack, the default) or kubernetes (the addresses in the environment)
Options of undo and verify:
  --report DIR      where the runs are; default: .valerix/gameday
Options of matrix:
  --seed N          another schedule, for every experiment
  --report DIR      where to write reports; default: .valerix/matrix

Exit codes: 0 PASS, 1 FAIL, 2 INCONCLUSIVE, 3 it could not be run, 4 PASS but worse than the baseline.
Of matrix: 0 every property breaks without its defence and holds with it; 1 one does not hold, or does not break;
2 a run did not show all it had to, or was cut short; 3 one could not be run.
Of halt: 0 every process has confirmed it, else 1. Of undo: 0 nothing is left, 1 a step could not be undone.
Of verify: as of run; 1 also if the evidence was changed or does not lead to the same verdict.

Defences of the matrix; running all of them updates docs/defences.md:
${DEFENCES.map(({ name, property }) => `  ${name.padEnd(18)}${property.statement}`).join('\n')}

Commands of the target in experiments ("path": "valerix-target"):
${Object.entries(TARGET_COMMANDS)
  .map(([command, what]) => `  ${command.padEnd(28)}${what}`)
  .join('\n')}`;

/** Runs one command line. @returns the exit code */
export async function main(argv: readonly string[]): Promise<number> {
  let code: number = EXIT_UNUSABLE;
  const program = commandLine('npx node gameday/src/cli.ts').configureHelp({ formatHelp: () => usage });
  const command = (words: string, run: (config: Config, names: string[], flags: Flags) => number | Promise<number>) =>
    program.command(words).action(async (...args: unknown[]) => {
      // Commander passes the names, where the command takes any, then the options, then itself.
      const [names, flags] = args.length === 3 ? args : [[], args[0]];
      code = await run(readConfig(), names as string[], flags as Flags);
    });

  command('run <experiments...>', runCommand)
    .option('--duration <time>')
    .option('--rate <number>')
    .option('--seed <number>')
    .option('--target <name>')
    .option('--attach')
    .option('--yes')
    .option('--namespace <name>')
    .option('--report <folder>')
    .option('--junit <file>')
    .option('--summary <file>')
    .option('--baseline <file>')
    .option('--write-baseline')
    .option('--laboratory');
  command('matrix [defences...]', matrixCommand).option('--seed <number>').option('--report <folder>');
  command('list', listCommand);
  command('halt', (config, _, flags) => haltCommand(config, flags)).option('--target <name>');
  command('check', (config, _, { running = false }) => checkCommand(config, running)).option('--running');
  command('verify <runs...>', verifyCommand).option('--report <folder>');
  command('undo [runs...]', undoCommand).option('--report <folder>');
  command('validate <files...>', (_, files, flags) => validateCommand(files, flags))
    .option('--target <name>')
    .option('--attach');
  try {
    await program.parseAsync(argv, { from: 'user' });
    return code;
  } catch (error) {
    return exitCodeOf(error) === 0 ? 0 : EXIT_UNUSABLE;
  }
}

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
