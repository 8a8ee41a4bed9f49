import { spawnSync } from 'node:child_process';
import { laboratoryEnv } from '@valerix/gameday/laboratory';
import { carryOut, commandLine, InvalidArgumentError } from '@valerix/local-stack/commands/command-line';
import { processEnv } from '@valerix/service-kit/config';
import { ACCESS_SABOTAGES } from '../test/chaos/access-sabotages.ts';

type Chosen = typeof ACCESS_SABOTAGES;

/** @throws InvalidArgumentError, which lists the names, when none has it in its name or in the path of its test file */
function chosenBy(part: string): Chosen {
  const chosen = ACCESS_SABOTAGES.filter(({ name, caughtBy }) => `${name} ${caughtBy}`.includes(part));
  if (chosen.length > 0) return chosen;
  const names = ACCESS_SABOTAGES.map(({ name, caughtBy }) => `  ${name} (${caughtBy})`);
  throw new InvalidArgumentError(`It is in none of these:\n${names.join('\n')}`);
}

/** @returns the exit code: 1 if a test does not notice that its guard is taken out */
function main(chosen: Chosen): number {
  let caught = 0;
  for (const { name, cuts, caughtBy, test: only } of chosen) {
    const env = { ...processEnv(), ...laboratoryEnv(`a guard (${name})`, cuts), NO_COLOR: '1' };
    const vitest = ['node_modules/vitest/vitest.mjs', 'run', '--project', 'component', '--bail', '1', caughtBy];
    // No guard is found missing because the machine is slow.
    vitest.push('--testTimeout', '120000', '--hookTimeout', '300000', ...(only ? ['--testNamePattern', only] : []));
    const { stdout, stderr } = spawnSync(process.execPath, vitest, { env, encoding: 'utf8' });
    // A failed assertion: a process that does not start with the cut would prove nothing.
    const output = stdout + stderr;
    const test = output.includes('AssertionError') ? /^\s*FAIL\s.* > (.+)$/m.exec(output)?.[1] : undefined;
    if (test !== undefined) caught++;
    console.log(
      `${test === undefined ? 'UNNOTICED' : 'caught   '}  ${name}\n           ${test ?? stderr.slice(-1_000)}`,
    );
  }
  console.log(`${caught} of ${chosen.length} are caught`);
  return caught === chosen.length ? 0 : 1;
}

const program = commandLine('npx node scripts/access-sabotage.ts')
  .description(
    'Takes out each guard of who may do what, and runs the test that must then fail. Exits with 1 if one does not notice.',
  )
  .argument('[part]', 'only those that have it in their name or in the path of their test file', chosenBy)
  .action((chosen: Chosen = ACCESS_SABOTAGES) => {
    process.exitCode = main(chosen);
  });
await carryOut(program);
