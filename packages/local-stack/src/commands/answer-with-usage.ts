import { commandLine, exitCodeOf } from './command-line.ts';

/**
 * Parses the command line of a program without arguments: prints the usage for `--help`, refuses anything else.
 * @returns the exit code, or undefined when there were no arguments and the program should run
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
