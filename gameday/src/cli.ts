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

const EXIT_CODES =
  'Exit codes: 0 PASS, 1 FAIL, 2 INCONCLUSIVE, 3 it could not be run, 4 PASS but worse than the baseline.';

const MATRIX_HELP = `Defences, and the property that breaks without each; running all of them updates docs/defences.md:
${DEFENCES.map(({ name, property }) => `  ${name.padEnd(18)}${property.statement}`).join('\n')}

Exit codes: 0 every property breaks without its defence and holds with it; 1 one does not hold, or does not break;
2 a run did not show all it had to, or was cut short; 3 one could not be run.`;

const VALIDATE_HELP = `Commands of the target in experiments ("path": "valerix-target"):
${Object.entries(TARGET_COMMANDS)
  .map(([command, what]) => `  ${command.padEnd(28)}${what}`)
  .join('\n')}`;

const SEED = 'another schedule; the same seed gives the same operations';
const RUNS = 'where the runs are; default: .valerix/gameday';

/** Runs one command line. @returns the exit code */
export async function main(argv: readonly string[]): Promise<number> {
  let code: number = EXIT_UNUSABLE;
  const program = commandLine('npx node gameday/src/cli.ts').addHelpText(
    'after',
    `\n${EXIT_CODES}\nOther commands end with other codes: see COMMAND --help.`,
  );
  const command = (
    words: string,
    summary: string,
    run: (config: Config, names: string[], flags: Flags) => number | Promise<number>,
    help = '',
  ) =>
    program
      .command(words)
      .description(summary)
      .addHelpText('after', help && `\n${help}`)
      .action(async (...args: unknown[]) => {
        // Commander passes the names, where the command takes any, then the options, then itself.
        const [names, flags] = args.length === 3 ? args : [[], args[0]];
        code = await run(readConfig(), names as string[], flags as Flags);
      });

  command('run <experiments...>', 'run experiments, by name or file, one after another', runCommand, EXIT_CODES)
    .option(
      '--duration <time>',
      'how long clients order: seconds, or such as 15m or 2h; a longer run repeats the method',
    )
    .option('--rate <number>', "orders a second instead of the experiment's")
    .option('--seed <number>', SEED)
    .option('--target <name>', 'local (a fresh stack of its own, the default) or kubernetes')
    .option('--attach', 'use the running stack (of .valerix/env); asks first')
    .option('--yes', 'agree to --attach')
    .option('--namespace <name>', 'the namespace of the target kubernetes; default: valerix')
    .option('--report <folder>', 'where to write reports; default: .valerix/gameday')
    .option('--junit <file>', "write the verdicts as JUnit's XML")
    .option('--summary <file>', 'write the verdicts as a table in Markdown')
    .option('--baseline <file>', 'compare the figures of each PASS with those in the file')
    .option('--write-baseline', "write the figures of each PASS to the baseline's file instead")
    .option('--laboratory', "set by the laboratory: report the run's id to it, and end when it ends");
  command(
    'matrix [defences...]',
    'remove one defence after another from the services, and show what breaks without it',
    matrixCommand,
    MATRIX_HELP,
  )
    .option('--seed <number>', `${SEED}; for every experiment`)
    .option('--report <folder>', 'where to write reports; default: .valerix/matrix');
  command('list', 'list the experiments that come with Valerix', listCommand);
  command(
    'check',
    'compare the databases of the running stack, without breaking anything',
    (config, _, { running = false }) => checkCommand(config, running),
  ).option('--running', 'do not expect orders to be settled: the system may be under load');
  command(
    'validate <files...>',
    'say what is wrong with an experiment',
    (_, files, flags) => validateCommand(files, flags),
    VALIDATE_HELP,
  )
    .option('--target <name>', 'also say what this target cannot carry out: local (the default) or kubernetes')
    .option('--attach', 'also say what the running stack cannot carry out');
  command(
    'verify <runs...>',
    'judge runs again by their evidence alone, and report changes to the evidence',
    verifyCommand,
    `${EXIT_CODES}\nAlso 1 if the evidence was changed, or does not lead to the same verdict.`,
  ).option('--report <folder>', RUNS);
  command(
    'undo [runs...]',
    'undo the steps that a killed runner has left, of these runs or of all',
    undoCommand,
    'Exit codes: 0 nothing is left, 1 a step could not be undone.',
  ).option('--report <folder>', RUNS);
  command(
    'halt',
    'end all faults of the running system, and list the processes that confirmed it',
    (config, _, flags) => haltCommand(config, flags),
    'Exit codes: 0 every process has confirmed it, else 1.',
  ).option(
    '--target <name>',
    'local (the running stack, the default) or kubernetes (the addresses in the environment)',
  );
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
