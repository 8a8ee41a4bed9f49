#!/usr/bin/env node
import { readConfig } from './config.ts';
import { attachTarget } from './targets/attached-target.ts';

/**
 * `valerix-target kill inventory-service`: one command of the target, against the stack that runs. For the Chaos Toolkit's own
 * runner; our runner carries the same commands out itself. Exit code 1 with the reason when it cannot be done.
 */
async function main(command: readonly string[]): Promise<number> {
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
