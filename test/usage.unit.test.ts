import { spawnSync } from 'node:child_process';
import { existsSync, globSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, it } from 'vitest';

const root = join(import.meta.dirname, '..');
const read = (file: string) => readFileSync(join(root, file), 'utf8');

it.each([
  'bench/src/cli.ts',
  'bench/src/checker/check-million.ts',
  'k8s/src/write-secrets.ts',
  'monitoring/src/main.ts',
])(
  '%s --help says what it does, and does nothing',
  (file) => {
    const { status, stdout } = spawnSync(process.execPath, [join(root, file), '--help'], { encoding: 'utf8' });
    expect(stdout.trim().split('\n')[0]).toContain(`Usage: npx node ${file}`);
    expect(stdout).not.toMatch(/^(\S+: (written|kept as it is)|Made .*)$/m);
    expect(status).toBe(0);
  },
  // Four programs are loaded whole, on a machine that may be busy.
  30_000,
);

/** They have settings, and no arguments; the build is shipped in an image without its packages. */
const WITHOUT = /^(frontend\/server|gameday\/src\/main|frontend\/scripts\/build)\.ts$/;
const FRONTEND = (JSON.parse(read('frontend/package.json')) as { scripts: Record<string, string> }).scripts;

/** The files that documents, the Makefile and packages have run, with the words that run each. */
function typed(): Map<string, string> {
  const documents = [
    'README.md',
    'ARCHITECTURE.md',
    'CONTRIBUTING.md',
    'Makefile',
    ...globSync('{docs,frontend}/*.md', { cwd: root }),
  ];
  const named = documents.flatMap((file) => [
    ...read(file).matchAll(/\bnode (?:--inspect-brk )?((?:[\w-]+\/)+[\w-]+\.ts)/g),
  ]);
  const files = named.map(([, file = '']): [string, string] => [file, `npx node ${file}`]);
  const scripts = Object.entries(FRONTEND).flatMap(([name, command]): [string, string][] => {
    const [, file] = /^node (scripts\/\S+)$/.exec(command) ?? [];
    return file ? [[`frontend/${file}`, `npm run ${name} -w frontend`]] : [];
  });
  return new Map([...files, ...scripts, ['scripts/generate.ts', 'npm run generate']]);
}

it('every program that one can type a command for calls itself by that command in its help', () => {
  // A service's own commands are typed in its folder.
  const commands = [...typed()].filter(([file]) => !WITHOUT.test(file) && existsSync(join(root, file)));
  expect(commands.length).toBeGreaterThan(15);
  const unnamed = commands.filter(([file, command]) => {
    const beside = join(dirname(file), 'main.ts');
    const texts = [file, ...(existsSync(join(root, beside)) ? [beside] : [])].map(read);
    return !texts.some((text) => text.includes(`commandLine('${command}`));
  });
  expect(unnamed).toEqual([]);
});
