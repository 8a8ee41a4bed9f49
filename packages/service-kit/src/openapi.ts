import { problem } from '@valerix/contracts';
import type { ZodType } from 'zod';
import { createDocument, type ZodOpenApiOperationObject, type ZodOpenApiResponseObject } from 'zod-openapi';
import type { COMMON_ERRORS, ErrorCatalogue } from './problem.ts';

const SECURITY_SCHEMES = {
  operator: {
    type: 'http',
    scheme: 'bearer',
    description: "The operator token, or an operator's access token.",
  },
  customer: { type: 'http', scheme: 'bearer', description: "A customer's access token." },
  service: { type: 'http', scheme: 'bearer', description: 'The credential of a service for this one.' },
  orderToken: {
    type: 'apiKey',
    in: 'header',
    name: 'Order-Token',
    description: 'The token that came with the answer to the order of a guest.',
  },
} as const;
type Caller = keyof typeof SECURITY_SCHEMES;

/** Names operations that certain callers may call: `by('operator')('addItem')`. A guest needs no credential. */
export const by =
  (...callers: (Caller | 'guest')[]) =>
  (operationId: string): Pick<Operation, 'operationId' | 'security'> => ({
    operationId,
    security: callers.map((caller) => (caller === 'guest' ? {} : { [caller]: [] })),
  });

export const anybody = by('guest', 'customer', 'operator');
export const operatorOnly = by('operator');
export const serviceOnly = by('service');
/** Where ACCESS is open, guests too. */
export const insiders = by('guest', 'operator', 'service');

interface Operation extends ZodOpenApiOperationObject {
  operationId: string;
  summary: string;
  security: Record<string, string[]>[];
}
type Paths = Record<string, { [method in 'get' | 'post' | 'put' | 'patch' | 'delete']?: Operation }>;

/**
 * An OpenAPI 3.1 document; its schemas are the zod contracts themselves.
 * @throws Error when two operations share an id, or one documents no refusal
 */
export function openApi(options: { title: string; description: string; version: string; paths: Paths }): object {
  const operations = Object.values(options.paths).flatMap((path) => Object.values(path));
  const ids = new Set<string>();
  for (const { operationId, responses } of operations) {
    if (ids.has(operationId)) throw new Error(`Two operations have the id "${operationId}".`);
    ids.add(operationId);
    if (!Object.keys(responses).some((status) => status.startsWith('4'))) {
      throw new Error(`The operation "${operationId}" documents no answer with a status from 400 to 499.`);
    }
  }
  const named = new Set(operations.flatMap(({ security }) => security.flatMap((one) => Object.keys(one))));
  return createDocument({
    openapi: '3.1.0',
    info: {
      title: options.title,
      version: options.version,
      description: options.description,
      license: { name: 'MIT', identifier: 'MIT' },
    },
    servers: [{ url: '/', description: 'The process that serves this document.' }],
    components: {
      securitySchemes: Object.fromEntries(Object.entries(SECURITY_SCHEMES).filter(([scheme]) => named.has(scheme))),
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

/** A `Location` header that is always sent. */
export const location = (description: string) => ({
  Location: { required: true, schema: { type: 'string' as const }, description },
});

/** The errors of a body that no handler has seen; an operation without a body answers them too. */
export const BODY_ERRORS = [
  'VALIDATION_FAILED',
  'MALFORMED_JSON',
  'BODY_TOO_LARGE',
  'UNSUPPORTED_MEDIA_TYPE',
] as const satisfies (keyof typeof COMMON_ERRORS)[];

/** What the kit's middleware answers before any operation. */
const EVERYWHERE: (keyof typeof COMMON_ERRORS)[] = [
  'UNAUTHORIZED',
  'FORBIDDEN',
  'RATE_LIMITED',
  'IDENTITY_UNAVAILABLE',
];

const RETRY = { 'Retry-After': { schema: { type: 'integer' as const }, description: 'Seconds, where a retry helps.' } };
const QUOTA = {
  RateLimit: {
    schema: { type: 'string' as const },
    description: 'What is left of the quota, and for how many seconds.',
  },
  'RateLimit-Policy': { schema: { type: 'string' as const }, description: 'The quota: requests and seconds.' },
};
const HEADERS: Record<string, ZodOpenApiResponseObject['headers']> = {
  401: { 'WWW-Authenticate': { schema: { type: 'string' }, description: '`Bearer`.' } },
  409: RETRY,
  429: { ...RETRY, ...QUOTA },
  503: RETRY,
};

/**
 * The problem answers of an operation, grouped by status, from codes of the service's catalogue and from those of every operation.
 * `default` covers the rest: a defect, or an injected fault, which may have any status.
 */
export function problems<C extends ErrorCatalogue>(
  catalogue: C,
  ...codes: (keyof C & string)[]
): ZodOpenApiOperationObject['responses'] {
  const answer = (group: string[], status: string) => ({
    description: group.map((code) => `${code}: ${catalogue[code]?.title}.`).join(' '),
    headers: HEADERS[status],
    content: { 'application/problem+json': { schema: problem } },
  });
  const everywhere = EVERYWHERE.filter((code) => code in catalogue && !codes.includes(code));
  const byStatus = Map.groupBy([...codes, ...everywhere], (code) => String(catalogue[code]?.status));
  const unexpected = ['INTERNAL_ERROR', 'INJECTED_FAULT'].filter((code) => code in catalogue);
  return {
    ...Object.fromEntries([...byStatus].map(([status, group]) => [status, answer(group, status)])),
    default: answer(unexpected, 'default'),
  };
}
