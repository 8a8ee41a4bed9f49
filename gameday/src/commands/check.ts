import { explain } from '@valerix/local-stack/commands/explain';
import { checkDatabasesFully } from '../checker/check-databases.ts';
import type { Config } from '../config.ts';
import { EXIT_UNUSABLE } from '../runner/verdict.ts';
import { DATABASE_VARIABLES, readStackEnv, servicesOf } from '../targets/stack-env.ts';
import { TargetError } from '../targets/target.ts';

/**
 * Compares the databases of a running stack, or those named in the environment.
 * @throws {TargetError} when they do not answer
 */
export async function checkCommand(config: Config, running: boolean): Promise<number> {
  const stack = { ...readStackEnv(config.home), ...config.env };
  if (DATABASE_VARIABLES.some((name) => !stack[name])) {
    console.error(`Set ${DATABASE_VARIABLES.join(' and ')}, or start a stack with "make up".`);
    return EXIT_UNUSABLE;
  }
  const started = performance.now();
  const { violations, total, orders } = await checkDatabasesFully({
    services: servicesOf(stack),
    expectSettled: !running,
  }).catch((error) => {
    if (error.code !== 'ECONNREFUSED') throw error;
    throw new TargetError(`No database answers (${explain(error)}). Does the stack run? "make up" starts it.`);
  });
  for (const { invariant, class: kind, subject, detail } of violations) {
    console.log(`${invariant} ${kind.padEnd(16)}${subject}  ${detail}`);
  }
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  const megabytes = Math.round(process.resourceUsage().maxRSS / 1024);
  console.log(`${orders} orders, ${total} violations, ${seconds} s, ${megabytes} MB`);
  return total > 0 ? 1 : 0;
}
