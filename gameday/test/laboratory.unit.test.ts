import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { laboratoryEnv } from '../src/defences/laboratory.ts';

const folder = mkdtempSync(join(tmpdir(), 'valerix-laboratory-'));
const program = join(folder, 'program.mjs');
writeFileSync(program, "const guard = true;\nconsole.log(guard ? 'guarded' : 'open');\n");
afterAll(() => rmSync(folder, { recursive: true }));

const cut = { file: 'program.mjs', find: 'guard = true', replace: 'guard = false' };

function run(env: Record<string, string>): Promise<{ code: number; out: string; err: string }> {
  const { PATH = '' } = process.env;
  return new Promise((resolve) => {
    execFile(process.execPath, [program], { env: { PATH, ...env } }, (error, out, err) =>
      resolve({ code: Number(error?.code ?? 0), out: out.trim(), err }),
    );
  });
}

it('should remove a defence from a process in laboratory mode, and say so', async () => {
  expect(await run({})).toMatchObject({ code: 0, out: 'guarded', err: '' });
  const { out, err } = await run(laboratoryEnv('its guard', [cut]));
  expect(out).toBe('open');
  expect(err).toContain('laboratory: this process runs without its guard');
});

it('should end the process when a text to cut is missing', async () => {
  const gone = { ...cut, find: 'guard = 1' };
  const { code, out, err } = await run(laboratoryEnv('its guard', [gone]));
  expect([code, out]).toEqual([70, '']);
  expect(err).toContain('program.mjs has no longer: guard = 1');
});

it('should refuse production, and a preload without cuts', async () => {
  const env = laboratoryEnv('its guard', [cut]);
  expect(await run({ ...env, NODE_ENV: 'production' })).toMatchObject({ code: 70, out: '' });
  expect(await run({ NODE_OPTIONS: env.NODE_OPTIONS as string })).toMatchObject({ code: 70, out: '' });
  expect(await run({ VALERIX_LABORATORY: env.VALERIX_LABORATORY as string })).toMatchObject({
    code: 0,
    out: 'guarded',
  });
});
