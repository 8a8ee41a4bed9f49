import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { commandLine, readArguments } from '@valerix/local-stack/commands/command-line';
import { deploymentFiles } from '../k8s/src/deployment-files.ts';
import { PROMETHEUS_RULE, prometheusRule } from '../k8s/src/prometheus-rule.ts';
import { generatedFiles as monitoringFiles } from '../monitoring/src/generated-files.ts';
import { clientFiles } from '../packages/api-client/src/client-files.ts';
import { configurationDocument } from './configuration-document.ts';
import { errorsDocument } from './errors-document.ts';
import { gamedaysDocument } from './gamedays-document.ts';
import { openApiDocuments } from './openapi-documents.ts';

const root = resolve(import.meta.dirname, '..');
/** Documents of which a part is generated from their present text. */
const DOCUMENTS: Record<string, (current: string) => string> = {
  'docs/configuration.md': configurationDocument,
  'docs/errors.md': errorsDocument,
  'docs/gamedays.md': gamedaysDocument,
};

const client = await clientFiles(openApiDocuments);

/** The text of every generated file of the repository, by its path: what `npm run generate` writes, and tests compare. */
export function generatedFiles(): Record<string, string> {
  const monitoring = monitoringFiles();
  return {
    ...monitoring,
    ...deploymentFiles(),
    ...client,
    [PROMETHEUS_RULE]: prometheusRule(monitoring),
    ...Object.fromEntries(
      Object.entries(DOCUMENTS).map(([path, written]) => [path, written(readFileSync(join(root, path), 'utf8'))]),
    ),
  };
}

/** Writes the generated files whose text has changed, and prints their names. */
if (import.meta.main) {
  readArguments(
    commandLine('npm run generate').description('Writes the generated files that changed, and prints their names.'),
  );
  for (const [path, text] of Object.entries(generatedFiles())) {
    const file = join(root, path);
    mkdirSync(dirname(file), { recursive: true });
    if (readIfThere(file) === text) continue;
    writeFileSync(file, text);
    console.log(path);
  }
}

function readIfThere(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}
