#!/usr/bin/env node
import { readConfig } from './config.ts';
import { ATTACHED_COMMANDS, attachTarget, isAttachedCommand } from './targets/attached-target.ts';
import { TARGET_COMMANDS } from './targets/target.ts';

const usage = `Usage: npx valerix-target <command>

Breaks the running stack, and waits for its recovery unless that needs another command.

${ATTACHED_COMMANDS.map((command) => `  ${command.padEnd(14)}${TARGET_COMMANDS[command]}`).join('\n')}

NAME is a process that "make status" lists. There is no stop and no start, because the supervisor restarts every process.`;

/**
 * `valerix-target kill NAME`: runs one command of the target against the running stack, for the Chaos Toolkit's own runner; our
 * runner carries out the same commands itself. Exit code 1: the command failed, with the reason; 2: no such command.
 */
async function main(command: readonly string[]): Promise<number> {
  if (command[0] === '--help' || command[0] === '-h') {
    console.log(usage);
    return 0;
  }
  if (!isAttachedCommand(command)) {
    console.error(command.length > 0 ? `Not a command: "${command.join(' ')}".\n\n${usage}` : usage);
    return 2;
  }
  try {
    const target = await attachTarget(readConfig().home, true);
    const { detail, over } = await target.act(command);
    await over;
    console.log(detail);
    return 0;
  } catch (error) {
    console.error((error as Error).message);
    return 1;
  }
}

process.exitCode = await main(process.argv.slice(2));
process.exit();
