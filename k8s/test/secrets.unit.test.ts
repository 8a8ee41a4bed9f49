import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { overlays, writeSecrets } from '../src/write-secrets.ts';
import { root } from './render.ts';

const paths = ['.env', ...overlays.map((name) => `k8s/overlays/${name}/secrets/order-service.env`)];

it('each installation gets passwords of its own, readable by their owner alone', () => {
  const folder = emptyFolder();
  writeSecrets(folder);
  const tokens = paths.map((path) => /OPERATOR_TOKEN=(\S{32})\n/.exec(readFileSync(join(folder, path), 'utf8'))?.[1]);
  expect(new Set(tokens).size).toBe(paths.length);
  expect(tokens).not.toContain(undefined);
  for (const path of paths) expect(statSync(join(folder, path)).mode & 0o077).toBe(0);
});

it('what is there stays', () => {
  const folder = emptyFolder();
  writeSecrets(folder);
  const before = paths.map((path) => readFileSync(join(folder, path), 'utf8'));
  expect(writeSecrets(folder).every((line) => line.endsWith('kept as it is'))).toBe(true);
  expect(paths.map((path) => readFileSync(join(folder, path), 'utf8'))).toEqual(before);
});

it('half an installation is not completed with passwords that do not fit', () => {
  const folder = emptyFolder();
  writeSecrets(folder);
  rmSync(join(folder, paths[1] as string));
  expect(() => writeSecrets(folder)).toThrow('order-service.env missing');
});

it('git ignores every file that is written', () => {
  for (const path of paths) {
    expect(execFileSync('git', ['check-ignore', path], { cwd: root, encoding: 'utf8' }).trim()).toBe(path);
  }
});

function emptyFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'valerix-secrets-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}
