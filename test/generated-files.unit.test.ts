import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { generatedFiles } from '../scripts/generate.ts';

const root = join(import.meta.dirname, '..');
const files = generatedFiles();

describe('a generated file', () => {
  it.each(Object.keys(files))('is what "npm run generate" writes: %s', (path) => {
    expect(readFileSync(join(root, path), 'utf8')).toBe(files[path]);
  });

  it('lies in a folder of generated files only, but for the cases of the alerts', () => {
    const folders = ['monitoring/prometheus/rules', 'monitoring/prometheus/tests', 'monitoring/grafana/dashboards'];
    const found = folders.flatMap((folder) => readdirSync(join(root, folder)).map((name) => `${folder}/${name}`));
    const byHand = ['monitoring/prometheus/tests/alerts.yml'];
    expect(found.filter((path) => !(path in files))).toEqual(byHand);
  });
});
