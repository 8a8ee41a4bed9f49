import { problem } from '@valerix/contracts';
import type { ZodType } from 'zod';
import { createDocument, type ZodOpenApiOperationObject, type ZodOpenApiPathsObject } from 'zod-openapi';
import type { ErrorCatalogue } from './problem.ts';

export type { ZodOpenApiPathsObject } from 'zod-openapi';

/** An OpenAPI 3.1 document; its schemas are the zod contracts themselves. */
export function openApi(options: {
  title: string;
  description: string;
  version: string;
  paths: ZodOpenApiPathsObject;
}): object {
  return createDocument({
    openapi: '3.1.0',
    info: {
      title: options.title,
      version: options.version,
      description: options.description,
      license: { name: 'MIT', identifier: 'MIT' },
    },
    components: {
      securitySchemes: { operator: { type: 'http', scheme: 'bearer', description: 'The operator token.' } },
    },
    paths: options.paths,
  });
}

/** Describes JSON answers: `json('The order.', schema)`. */
export function json(description: string, schema: ZodType) {
  return { description, content: { 'application/json': { schema } } };
}

export function jsonRequest(schema: ZodType) {
  return { required: true, content: { 'application/json': { schema } } };
}

/** The problem answers of an operation, grouped by status, from codes of the service's catalogue. */
export function problems<C extends ErrorCatalogue>(
  catalogue: C,
  ...codes: (keyof C & string)[]
): ZodOpenApiOperationObject['responses'] {
  const byStatus = Map.groupBy(codes, (code) => String(catalogue[code]?.status));
  return Object.fromEntries(
    [...byStatus].map(([status, group]) => [
      status,
      {
        description: group.map((code) => `${code}: ${catalogue[code]?.title}.`).join(' '),
        content: { 'application/problem+json': { schema: problem } },
      },
    ]),
  );
}
