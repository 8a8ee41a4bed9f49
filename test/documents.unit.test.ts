import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { COMPANION_KEYS, portVariable, SERVICE_KEYS } from '@valerix/system';
import { describe, expect, it } from 'vitest';

const root = join(import.meta.dirname, '..');
const git = (...args: string[]) => spawnSync('git', args, { cwd: root, encoding: 'utf8' }).stdout;
const read = (file: string) => readFileSync(join(root, file), 'utf8');

const files = git('ls-files', '-z').split('\0').filter(Boolean);
const folders = files.flatMap((file) => file.split('/').map((_, depth, parts) => parts.slice(0, depth).join('/')));
const paths = new Set([...files, ...folders]);
const texts = new Map(files.filter((file) => /\.md$/.test(file)).map((file) => [file, read(file)]));
const code = files.filter((file) => /\.(tsx?|ya?ml|json|sh|sql)$|(Make|Docker)file$/.test(file) && !/lock/.test(file));
const wordsOf = (text: string) => text.match(/\b[A-Za-z]\w*_\w+/g) ?? [];

/** Decisions and changes of the past may name what is gone by now. */
const present = [...texts].filter(([file]) => !/^docs\/(adr|lab)\/|CHANGELOG/.test(file));

const withoutBlocks = (text: string) => text.replace(/^```[\s\S]*?^```/gm, '');
/** The code of a document: blocks in fences, indented lines, and what stands in backticks. */
const codeOf = (text: string) => text.match(/^```[\s\S]*?^```|^ {4}.*$|`[^`\n]+`/gm) ?? [];
const spansOf = (text: string) => [...withoutBlocks(text).matchAll(/`([^`\n]+)`/g)].map(([, span]) => span as string);

/** The anchor that GitHub gives a heading. */
const anchorOf = (heading: string) =>
  heading
    .replace(/\[(.*?)\]\(.*?\)/g, '$1')
    .toLowerCase()
    .replace(/[^\p{L}\p{N}\- _]/gu, '')
    .replaceAll(' ', '-');
const anchorsOf = (file: string) =>
  [...withoutBlocks(texts.get(file) ?? '').matchAll(/^#+ (.*)$/gm)].map(([, heading]) => anchorOf(heading as string));

describe('a document', () => {
  it.each([...texts])('links to files and headings that exist: %s', (file, text) => {
    const links = [...withoutBlocks(text).matchAll(/\]\(([^)\s]+)\)/g)].map(([, link]) => link as string);
    const dead = links.filter((link) => {
      if (/^(https?|mailto):/.test(link)) return false;
      const [path, anchor] = link.split('#') as [string, string?];
      const target = path === '' ? file : normalize(join(dirname(file), path)).replace(/\/$/, '');
      return !paths.has(target) || (anchor !== undefined && !anchorsOf(target).includes(anchor));
    });
    expect(dead).toEqual([]);
  });

  it.each(present)('names commands that exist: %s', (_, text) => {
    const targets =
      read('Makefile')
        .match(/^[a-z][a-z -]*(?=:)/gm)
        ?.flatMap((line) => line.split(' ')) ?? [];
    const scripts = ['package.json', 'frontend/package.json'].flatMap((file) =>
      Object.keys(JSON.parse(read(file)).scripts),
    );
    const named = codeOf(text).join('\n');
    const made = [...named.matchAll(/\bmake (?:-s )?([a-z][a-z-]*)/g)].map(([, target]) => target as string);
    expect(made.filter((target) => !targets.includes(target))).toEqual([]);
    const run = [...named.matchAll(/\bnpm run ([\w:-]+)/g)].map(([, script]) => script as string);
    expect(run.filter((script) => !scripts.includes(script))).toEqual([]);
    const started = [...named.matchAll(/\bnpx node ([\w/.-]+\.ts)/g)].map(([, file]) => file as string);
    expect(started.filter((file) => !paths.has(file))).toEqual([]);
  });

  it.each(present)('names paths that exist, but for files that git ignores and examples: %s', (file, text) => {
    const named = spansOf(text).filter(
      (span) => /^[\w.-]+(\/[\w.-]+)+\/?$/.test(span) && paths.has(span.split('/')[0] as string),
    );
    const missing = named.filter((path) => {
      const found = normalize(path).replace(/\/$/, '');
      return !paths.has(found) && !paths.has(join(dirname(file), found)) && !/\/mine\/|NAME/.test(path);
    });
    expect(missing.filter((path) => git('check-ignore', path) === '')).toEqual([]);
  });

  it('names settings, fields and metrics that exist', () => {
    const known = new Set([
      ...code.flatMap((file) => wordsOf(read(file))),
      ...wordsOf(texts.get('docs/metrics.md') ?? ''),
      ...[...COMPANION_KEYS, ...SERVICE_KEYS].map((key) => portVariable(key)),
      // Of Docker and PostgreSQL.
      ...['DOCKER_DEFAULT_PLATFORM', 'wait_event'],
    ]);
    // Measurements name what the kernel and PostgreSQL call things.
    const described = present.filter(([file]) => file !== 'docs/performance.md');
    const unknown = described.flatMap(([file, text]) =>
      spansOf(text)
        .filter((span) => !span.startsWith('SELECT '))
        .flatMap((span) => wordsOf(span))
        .filter((word) => /^([A-Z\d_]+|[a-z\d_]+)$/.test(word) && !known.has(word))
        .map((word) => `${file}: ${word}`),
    );
    expect(unknown).toEqual([]);
  });

  it('exists if code names it', () => {
    const named = code.flatMap((file) =>
      [...read(file).matchAll(/(?<![\w/.-])docs\/[\w/-]+\.md/g)].map(([path]) => path),
    );
    expect([...new Set(named)].filter((path) => !paths.has(path))).toEqual([]);
  });
});
