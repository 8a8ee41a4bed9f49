import { spawnSync } from 'node:child_process';
import { laboratoryEnv } from '@valerix/gameday/laboratory';
import { processEnv } from '@valerix/service-kit/config';
import { ACCESS_SABOTAGES } from '../test/chaos/access-sabotages.ts';

/**
 * Takes out each guard of who may do what, and runs the test that must then fail. Fails itself if one does not notice.
 * With an argument: only those that have it in their name or in the path of their test file.
 */
const [, , part = ''] = process.argv;
const chosen = ACCESS_SABOTAGES.filter(({ name, caughtBy }) => `${name} ${caughtBy}`.includes(part));
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
  console.log(`${test === undefined ? 'UNNOTICED' : 'caught   '}  ${name}\n           ${test ?? stderr.slice(-1_000)}`);
}
console.log(`${caught} of ${chosen.length} are caught`);
process.exitCode = caught === chosen.length ? 0 : 1;
