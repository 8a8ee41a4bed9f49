import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { generatedFiles, repositoryRoot } from './generated-files.ts';

/** Writes the generated files: docs/metrics.md and those of this folder, or the ones whose path contains the word given. */
const [word = ''] = process.argv.slice(2);

for (const [path, text] of Object.entries(generatedFiles())) {
  if (!path.includes(word)) continue;
  const file = join(repositoryRoot, path);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
  console.log(path);
}
