import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { inBuildContext, readDockerfile } from './dockerfile.ts';
import { root } from './render.ts';

export interface Image {
  /** The folder that stands for `/app` of the image. */
  folder: string;
  /** Where the image's command runs. */
  workdir: string;
  /** The image's entry point and command, in its folder. */
  command: string[];
  remove(): void;
}

/**
 * Puts into an empty folder what the image of a service would hold, by its own Dockerfile: the install it runs, over
 * the manifests alone, and the folders it copies, as far as .dockerignore lets them in.
 */
export function unpackImage(service: string): Image {
  const folder = mkdtempSync(join(tmpdir(), `valerix-image-${service}-`));
  const stages = readDockerfile(service);
  const final = stages.at(-1)?.instructions ?? [];
  const install = stages.find(({ name }) => name === 'dependencies')?.instructions.find(({ name }) => name === 'RUN');
  const build = mkdtempSync(join(tmpdir(), 'valerix-install-'));
  if (install) {
    for (const file of manifests()) copy(join(root, file), join(build, file));
    execFileSync('sh', ['-c', install.text], { cwd: build, stdio: 'pipe' });
  }
  let workdir = '/app';
  for (const { name, text } of final) {
    if (name === 'WORKDIR') workdir = text;
    if (name !== 'COPY') continue;
    const [, stage, words = text] = /^--from=(\S+) (.*)$/.exec(text) ?? [];
    const paths = words.split(' ').map((path) => path.replace(/^\/app\//, ''));
    const target = join(folder, paths.pop() as string);
    for (const path of paths) {
      const place = words.endsWith('/') ? join(target, path.slice(path.lastIndexOf('/'))) : target;
      mkdirSync(dirname(place), { recursive: true });
      // What the build stage made is where the same build puts it in a checkout.
      if (stage === 'dependencies') renameSync(join(build, path), place);
      else copy(join(root, path), place, stage === 'build');
    }
  }
  rmSync(build, { recursive: true });
  return {
    folder,
    workdir: join(folder, relative('/app', workdir)),
    command: ['ENTRYPOINT', 'CMD'].flatMap((wanted) => {
      const words = JSON.parse(final.find(({ name }) => name === wanted)?.text ?? '[]') as string[];
      return words.map((word) => (word.startsWith('/app/') ? join(folder, relative('/app', word)) : word));
    }),
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}

function copy(source: string, target: string, everything = false): void {
  mkdirSync(dirname(target), { recursive: true });
  const filter = (path: string): boolean => everything || inBuildContext(relative(root, path)) || isAbove(path);
  cpSync(source, target, { recursive: true, filter, verbatimSymlinks: true });
}

/** A folder that is left out itself may hold files that are let in. */
const isAbove = (path: string): boolean => contextFiles().some((file) => file.startsWith(`${relative(root, path)}/`));

const manifests = (): string[] =>
  contextFiles().filter((file) => /(^|\/)(package|package-lock)\.json$|^\.npmrc$/.test(file));

let known: string[] | undefined;

/** The files of the checkout that the build sees, also those that are not committed yet. */
function contextFiles(): string[] {
  const args = ['ls-files', '--cached', '--others', '--exclude-standard'];
  known ??= execFileSync('git', args, { cwd: root, encoding: 'utf8' }).trim().split('\n').filter(inBuildContext);
  return known;
}
