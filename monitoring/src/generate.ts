import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { generatedFiles, repositoryRoot } from './generated-files.ts';

/** Writes every generated file of this folder and docs/metrics.md. */
for (const [path, text] of Object.entries(generatedFiles())) {
  const file = join(repositoryRoot, path);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
  console.log(path);
}
