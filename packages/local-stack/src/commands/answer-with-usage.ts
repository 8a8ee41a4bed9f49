import { parseArgs } from 'node:util';

/**
 * The command line of a program that takes no arguments: `--help` is answered, anything else refused.
 * @returns the exit code to end with; undefined: nothing was asked, go on
 */
export function answerWithUsage(usage: string, argv: readonly string[]): number | undefined {
  try {
    const { values } = parseArgs({ args: [...argv], options: { help: { type: 'boolean', short: 'h' } } });
    if (!values.help) return undefined;
    console.log(usage);
    return 0;
  } catch (error) {
    console.error(`${(error as Error).message}\n\n${usage}`);
    return 2;
  }
}
