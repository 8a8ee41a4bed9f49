import { COMPANIONS, declaration, SERVICE_KEYS } from '@valerix/system';

/** The OpenAPI document of each service and of the laboratory, by key. */
export const openApiDocuments: Record<string, { name: string; document: object }> = Object.fromEntries(
  await Promise.all([
    ...SERVICE_KEYS.map((key) => entry(key, declaration(key).name, `${declaration(key).name}/src`)),
    entry('laboratory', COMPANIONS.laboratory.name, `${COMPANIONS.laboratory.folder}/src/lab`),
  ]),
);

async function entry(key: string, name: string, folder: string) {
  const { openApiDocument } = (await import(new URL(`../${folder}/openapi.ts`, import.meta.url).href)) as {
    openApiDocument: object;
  };
  return [key, { name, document: openApiDocument }] as const;
}
