import { globSync, readFileSync } from 'node:fs';
import { dirname, relative, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';

const root = resolve(import.meta.dirname, '..');
const IMPORT = /(?:from|import\()\s*'(\.[^']+)'/g;

/** Which folders below `src` each folder imports from; files of `src` itself are the folder `.`. */
function foldersOf(source: string): Map<string, Set<string>> {
  const base = resolve(root, source);
  const graph = new Map<string, Set<string>>();
  for (const file of globSync('**/*.{ts,tsx}', { cwd: base })) {
    const folder = dirname(file);
    const seen = graph.get(folder) ?? new Set();
    graph.set(folder, seen);
    for (const [, specifier = ''] of readFileSync(resolve(base, file), 'utf8').matchAll(IMPORT)) {
      const imported = dirname(relative(base, resolve(base, folder, specifier)));
      if (imported !== folder && !imported.startsWith('..')) seen.add(imported);
    }
  }
  return graph;
}

/** A way from a folder back to itself, or `null`. */
function circleIn(graph: ReadonlyMap<string, ReadonlySet<string>>): string | null {
  const done = new Set<string>();
  const visit = (folder: string, way: readonly string[]): string | null => {
    if (way.includes(folder)) return [...way.slice(way.indexOf(folder)), folder].join(' → ');
    if (done.has(folder)) return null;
    for (const imported of graph.get(folder) ?? []) {
      const circle = visit(imported, [...way, folder]);
      if (circle !== null) return circle;
    }
    done.add(folder);
    return null;
  };
  for (const folder of graph.keys()) {
    const circle = visit(folder, []);
    if (circle !== null) return circle;
  }
  return null;
}

describe('the folders of a source tree', () => {
  it.each(['frontend/src'])('import each other in one direction only: %s', (source) => {
    const graph = foldersOf(source);
    expect(graph.size).toBeGreaterThan(5);
    expect(circleIn(graph)).toBeNull();
  });

  it('would be seen to run in a circle', () => {
    const graph = new Map([
      ['orders', new Set(['shop'])],
      ['shop', new Set(['ui', 'orders'])],
      ['ui', new Set<string>()],
    ]);
    expect(circleIn(graph)).toBe('orders → shop → orders');
  });
});
