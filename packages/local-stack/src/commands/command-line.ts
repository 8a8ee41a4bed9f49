import { Command, CommanderError } from 'commander';

/** A command line that prints through the console, shows its usage after a mistake, and never ends the process. */
export function commandLine(name?: string): Command {
  return new Command(name)
    .exitOverride()
    .showHelpAfterError()
    .configureOutput({
      writeOut: (text) => console.log(text.trimEnd()),
      writeErr: (text) => console.error(text.trimEnd()),
    });
}

/** The exit code after a command line was answered with help (0) or refused (2). @throws any other error */
export function exitCodeOf(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
  throw error;
}
