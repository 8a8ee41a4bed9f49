import { Command, CommanderError } from 'commander';

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
