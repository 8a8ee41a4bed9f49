import { Command, CommanderError, InvalidArgumentError } from 'commander';

export { InvalidArgumentError };

/** A Commander program that prints through the console, shows its usage after a mistake, and never exits the process. */
export function commandLine(name?: string): Command {
  return new Command(name)
    .exitOverride()
    .showHelpAfterError()
    .configureOutput({
      writeOut: (text) => console.log(text.trimEnd()),
      writeErr: (text) => console.error(text.trimEnd()),
    });
}

/** The exit code for Commander's errors: 0 after help, 2 after a mistake. @throws any other error */
export function exitCodeOf(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
  throw error;
}

/** Reads the arguments of this process for a program without actions. Ends the process after help or a mistake. */
export function readArguments(program: Command): unknown[] {
  try {
    return program.parse().processedArgs;
  } catch (error) {
    process.exit(exitCodeOf(error));
  }
}

/** Carries out a program with the arguments of this process, whose exit code it sets after help or a mistake. @throws any other error */
export async function carryOut(program: Command): Promise<void> {
  try {
    await program.parseAsync();
  } catch (error) {
    process.exitCode = exitCodeOf(error);
  }
}

/** Reads an option's value. @throws InvalidArgumentError, which names the option, for anything but a whole number above zero */
export function wholeNumber(value: string): number {
  const number = Number(value);
  if (!Number.isSafeInteger(number) || number < 1)
    throw new InvalidArgumentError('It must be a whole number above zero.');
  return number;
}
