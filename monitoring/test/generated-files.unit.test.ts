import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { generatedFiles, repositoryRoot } from '../src/generated-files.ts';

const files = generatedFiles();

test.each(Object.keys(files))('%s is what the code generates (npm run monitoring:generate)', (path) => {
  expect(readFileSync(join(repositoryRoot, path), 'utf8')).toBe(files[path]);
});

test('nothing else lies in the generated folders', () => {
  const folders = ['monitoring/prometheus/rules', 'monitoring/prometheus/tests', 'monitoring/grafana/dashboards'];
  const found = folders.flatMap((folder) =>
    readdirSync(join(repositoryRoot, folder)).map((name) => `${folder}/${name}`),
  );
  expect(found.filter((path) => !(path in files))).toEqual([]);
});
