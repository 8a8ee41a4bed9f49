import { existsSync } from 'node:fs';
import type { ErrorCatalogue } from '@valerix/service-kit/problem';
import { COMPANIONS, SERVICE_NAMES } from '@valerix/system';

/** The errors of each service that lists its own, callers first, and of the laboratory. */
const CATALOGUES = await Promise.all([
  ...SERVICE_NAMES.toReversed()
    .filter((name) => existsSync(fileOf(`${name}/src`)))
    .map((name) => entry(name, `${name}/src`)),
  entry(COMPANIONS.laboratory.name, `${COMPANIONS.laboratory.folder}/src/lab`),
]);

/** docs/errors.md with its tables generated from the catalogues; the text before the first table is kept. */
export function errorsDocument(current: string): string {
  const introduction = current.split(/^## /m)[0] ?? '';
  const sections = CATALOGUES.map(([name, catalogue]) => {
    const rows = Object.entries(catalogue).map(
      ([code, { status, title, meaning }]) => `| \`${code}\` | ${status} | ${title} | ${meaning} |`,
    );
    return `## ${name}\n\n| code | status | title | what it means, what to do |\n|---|---|---|---|\n${rows.join('\n')}\n`;
  });
  return introduction + sections.join('\n');
}

function fileOf(folder: string): URL {
  return new URL(`../${folder}/errors.ts`, import.meta.url);
}

async function entry(name: string, folder: string) {
  const { ERRORS } = (await import(fileOf(folder).href)) as { ERRORS: ErrorCatalogue };
  return [name, ERRORS] as const;
}
