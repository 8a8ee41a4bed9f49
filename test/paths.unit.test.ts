import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';

const root = join(import.meta.dirname, '..');

it('no path is the text of a URL: the folder of a checkout may have a space in its name', () => {
  const { stdout } = spawnSync('git', ['ls-files', '-z', '*.ts', '*.tsx'], { cwd: root, encoding: 'utf8' });
  const files = stdout.split('\0').filter(Boolean);
  expect(files.length).toBeGreaterThan(100);
  const wrong = files.filter((file) => /import\.meta\.url\)\.pathname/.test(readFileSync(join(root, file), 'utf8')));
  expect(wrong).toEqual([]);
});
