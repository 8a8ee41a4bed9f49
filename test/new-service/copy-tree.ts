import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, relative, resolve } from 'node:path';

export const root = resolve(import.meta.dirname, '../..');
const files = join(import.meta.dirname, 'files');

/** A copy of this checkout with uncommitted changes; it shares the installed packages as hard links. */
export function copyTree(): string {
  const copy = mkdtempSync(join(tmpdir(), 'valerix-new-service-'));
  // PostgreSQL may run as another user, from a program below this folder.
  chmodSync(copy, 0o755);
  const listed = ['ls-files', '-z', '--cached', '--others', '--exclude-standard'];
  for (const file of execFileSync('git', listed, { cwd: root, encoding: 'utf8' }).split('\0')) {
    if (file === '' || !existsSync(join(root, file))) continue;
    mkdirSync(dirname(join(copy, file)), { recursive: true });
    cpSync(join(root, file), join(copy, file), { verbatimSymlinks: true });
  }
  for (const folder of ['node_modules', ...workspaceModules()]) {
    execFileSync('cp', ['--archive', '--link', join(root, folder), join(copy, folder)]);
  }
  // The manifests are rendered from git's files, and lint reads git's ignore rules.
  execFileSync('git', ['init', '--quiet'], { cwd: copy });
  execFileSync('git', ['add', '--all'], { cwd: copy });
  return copy;
}

/** Packages that npm could not put into the common folder. */
function workspaceModules(): string[] {
  const { workspaces } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { workspaces: string[] };
  const folders = workspaces.flatMap((pattern) =>
    pattern.includes('*')
      ? readdirSync(join(root, dirname(pattern))).map((name) => join(dirname(pattern), name))
      : [pattern],
  );
  return folders.map((folder) => join(folder, 'node_modules')).filter((folder) => existsSync(join(root, folder)));
}

/** Adds echo-service as a developer would. @returns the files that were written by hand */
export function addEchoService(copy: string): string[] {
  cpSync(files, copy, { recursive: true });
  const edited = [
    insert(
      copy,
      'packages/system/src/services.ts',
      '} as const satisfies Record<string, ServiceDeclaration>;',
      ECHO_ENTRY,
    ),
    insert(
      copy,
      'packages/contracts/src/failpoints.ts',
      '} as const satisfies Record<ServiceKey, FailpointTable>;',
      ECHO_FAILPOINTS,
    ),
  ];
  const added = readdirSync(files, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(files, join(entry.parentPath, entry.name)));
  return [...added, ...edited].sort();
}

const ECHO_ENTRY = `  echo: {
    name: 'echo-service',
    port: 3010,
    database: 'echo_db',
    calls: ['inventory'],
    purpose: 'Keeps a text and gives it back.',
  },
`;
const ECHO_FAILPOINTS = '  echo: withCommon({}),\n';

/** Puts text before a line of a file. @throws Error when the line is not there once */
function insert(copy: string, file: string, before: string, text: string): string {
  const path = join(copy, file);
  const parts = readFileSync(path, 'utf8').split(before);
  if (parts.length !== 2) throw new Error(`${file} has ${parts.length - 1} lines "${before}".`);
  writeFileSync(path, parts.join(`${text}${before}`));
  return file;
}
