#!/usr/bin/env node
import { readConfig } from './config.ts';
import { ATTACHED_COMMANDS, attachTarget, isAttachedCommand } from './targets/attached-target.ts';
import { TARGET_COMMANDS } from './targets/target.ts';

const usage = `Usage: npx valerix-target <command>

Breaks the stack that runs, and waits until it works again where that comes by itself.

${ATTACHED_COMMANDS.map((command) => `  ${command.padEnd(14)}${TARGET_COMMANDS[command]}`).join('\n')}

NAME is a process that "make status" lists. The supervisor restarts what is down, so there is no stop and no start.`;

/**
 * `valerix-target kill NAME`: one command of the target, against the stack that runs. For the Chaos Toolkit's own
 * runner; our runner carries the same commands out itself. Exit code 1 with the reason when it cannot be done, 2 when nobody understands it.
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
