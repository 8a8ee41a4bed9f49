import { commandLine, exitCodeOf } from './command-line.ts';

/**
 * The command line of a program that takes no arguments: `--help` is answered, anything else refused.
 * @returns the exit code to end with; undefined: nothing was asked, go on
 */
export function answerWithUsage(usage: string, argv: readonly string[]): number | undefined {
  const program = commandLine().configureHelp({ formatHelp: () => usage });
  try {
    program.action(() => {}).parse(argv, { from: 'user' });
    return undefined;
  } catch (error) {
    return exitCodeOf(error);
  }
}
