import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { RunningCommand } from '../../test/support/running-command.ts';

const folder = mkdtempSync(join(tmpdir(), 'valerix-verify-'));
const runs = join(folder, 'runs');
const cli = join(import.meta.dirname, '../src/cli.ts');
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function gameday(...args: string[]) {
  const running = new RunningCommand(cli, [...args, '--report', runs], { ...process.env, VALERIX_HOME: folder });
  return { code: await running.exit, output: running.output };
}

let run: string;
let ended: { code: number | null; output: string };
const [junit, summary] = [join(folder, 'junit.xml'), join(folder, 'summary.md')];

beforeAll(async () => {
  const kill = { type: 'process', path: 'valerix-target', arguments: 'kill inventory-service' };
  const method = [{ type: 'action', name: 'kill', provider: kill, pauses: { before: 1 } }];
  const workload = { rate: 20, replays: 0.2 };
  const evidence = [{ kind: 'every-fault-fired' }];
  const extension = { name: 'valerix', duration_s: 4, workload, stock: { ps5: 1_000 }, evidence };
  const file = join(folder, 'short.json');
  writeFileSync(file, JSON.stringify({ title: 'Short', description: 'Short', method, extensions: [extension] }));
  ended = await gameday('run', file, '--junit', junit, '--summary', summary);
  run = readdirSync(runs).find((name) => name.endsWith('-short')) as string;
});

it('a run writes its verdict for a CI', () => {
  expect(ended.output).toContain('PASS: ');
  expect(readFileSync(junit, 'utf8')).toContain('<testsuites tests="1" failures="0" errors="0"');
  expect(readFileSync(summary, 'utf8')).toContain('| short | **PASS** |');
  expect(ended.code).toBe(0);
});

it('verify judges the evidence again, without the system, to the same verdict', async () => {
  const { code, output } = await gameday('verify', run);
  expect(output).toContain(`${run}: PASS again`);
  expect(code).toBe(0);
});

it.each(['history.jsonl', 'databases.jsonl.gz', 'journal.json', 'report.html'])(
  'verify finds one changed byte in %s',
  async (name) => {
    const file = join(runs, run, name);
    const whole = readFileSync(file);
    const changed = Buffer.from(whole);
    const middle = Math.floor(changed.length / 2);
    changed[middle] = (changed[middle] as number) ^ 1;
    writeFileSync(file, changed);
    try {
      const { code, output } = await gameday('verify', run);
      expect(output).toContain(`${name} has been changed since the run.`);
      expect(code).toBe(1);
    } finally {
      writeFileSync(file, whole);
    }
  },
);

it('verify says of a run that was cut off that it has no evidence', async () => {
  rmSync(join(runs, run, 'manifest.json'));
  const { code, output } = await gameday('verify', run);
  expect(output).toContain('has no manifest.json: the run was cut off, or an earlier version made it.');
  expect(code).toBe(3);
});
