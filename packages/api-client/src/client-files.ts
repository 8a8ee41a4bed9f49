import openapiTS, { astToString } from 'openapi-typescript';

const FOLDER = 'packages/api-client/src';
const HEADER = '// Generated from the OpenAPI documents by "npm run generate"; a test fails when they differ.\n';

/** The types of each document, and the list of them by key: every file by its path. */
export async function clientFiles(
  documents: Record<string, { name: string; document: object }>,
): Promise<Record<string, string>> {
  const files = Object.values(documents).map(async ({ name, document }) => {
    const text = astToString(await openapiTS(JSON.stringify(withoutProse(document))));
    // A line for each path and schema.
    return [`${FOLDER}/${name}.generated.ts`, HEADER + text.replaceAll(/\n {8,}| *\n {4}(?=})/g, ' ')];
  });
  const lines = Object.entries(documents).map(([key, { name }]) => `  ${key}: import('./${name}.generated.ts').paths;`);
  const list = `${HEADER}/** The paths of each API, by the key of its process. */\nexport interface Apis {\n${lines.join('\n')}\n}\n`;
  return { ...Object.fromEntries(await Promise.all(files)), [`${FOLDER}/apis.generated.ts`]: list };
}

/** What only people read is in the document itself. */
function withoutProse(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutProse);
  if (typeof value !== 'object' || value === null) return value;
  const kept = Object.entries(value).filter(([name, one]) => !(PROSE.has(name) && typeof one === 'string'));
  return Object.fromEntries(kept.map(([name, one]) => [name, withoutProse(one)]));
}

const PROSE = new Set(['description', 'summary', 'example', 'pattern']);
