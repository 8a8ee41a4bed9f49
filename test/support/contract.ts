import { Ajv2020, type AnySchema } from 'ajv/dist/2020.js';

/** An operation as people write it: `POST /api/orders/{id}/cancel`. */
export type Operation = string;

interface Documented {
  description: string;
  headers?: Record<string, { required?: boolean }>;
  content?: Record<string, { schema?: object }>;
}
interface DocumentedOperation {
  security?: object[];
  parameters?: { name: string; schema: { pattern?: string } }[];
  requestBody?: { required?: boolean };
  responses: Record<string, Documented>;
}
interface OpenApi {
  paths: Record<string, Record<string, DocumentedOperation>>;
}
export interface Sent {
  operation: Operation;
  /** The path and query, where they are not those of the operation. */
  url?: string | undefined;
  init?: RequestInit;
}

/** Headers that clients act on: every answer that sends one must document it. */
const SPEAKING = ['location', 'retry-after', 'www-authenticate', 'idempotent-replayed', 'order-token'];
const LIMIT_MS = 10_000;
const LARGE = JSON.stringify('x'.repeat(2 ** 22));

/**
 * Compares the answers of a running service with its OpenAPI document.
 * @param token the operator's
 * @param credential of a service that calls this one
 */
export function contractOf(openApiDocument: object, token: string, credential = '') {
  const { paths } = openApiDocument as OpenApi;
  // The schemas carry a pattern wherever they name a format.
  const ajv = new Ajv2020({ strict: false, validateFormats: false, allErrors: true });
  ajv.addSchema(openApiDocument as AnySchema, 'api');
  const seen = new Set<string>();

  const operations: Operation[] = Object.entries(paths).flatMap(([path, methods]) =>
    Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`),
  );

  function lookUp(operation: Operation) {
    const [method = '', path = ''] = operation.split(' ');
    const documented = paths[path]?.[method.toLowerCase()];
    if (!documented) throw new Error(`${operation} is not documented`);
    return { method, path, ...documented };
  }

  /** What the document does not say of an answer. */
  function problemsOf(
    operation: Operation,
    { status, headers }: Pick<Response, 'status' | 'headers'>,
    text: string,
  ): string[] {
    const { method, path, responses } = lookUp(operation);
    const response = responses[status];
    if (!response) return [`it is not documented: ${text}`];
    const named = Object.entries(response.headers ?? {});
    const names = named.map(([name]) => name.toLowerCase());
    const type = headers.get('content-type')?.split(';')[0] ?? '';
    const problems = [
      ...SPEAKING.filter((name) => headers.has(name) && !names.includes(name)).map(
        (name) => `it has the header ${name}`,
      ),
      ...named.filter(([name, { required }]) => required && !headers.has(name)).map(([name]) => `it lacks ${name}`),
      ...(response.content?.[type] || (!response.content && text === '') ? [] : [`it is of type "${type}"`]),
      // These answers change with every order: no cache may store them.
      ...(headers.get('cache-control') === 'no-store' ? [] : ['a cache may keep it']),
    ];
    if (problems.length > 0 || text === '' || !type.endsWith('json')) return problems;
    const pointer = ['paths', path, method.toLowerCase(), 'responses', status, 'content', type, 'schema'];
    const schema = ajv.getSchema(`api#/${pointer.map(escapedPart).join('/')}`);
    if (!schema) return ['its schema is missing'];
    const lines = type.endsWith('ndjson') ? text.trimEnd().split('\n') : [text];
    return lines.flatMap((line) => {
      const body = JSON.parse(line);
      if (!schema(body)) return [`${ajv.errorsText(schema.errors)}: ${line}`];
      const isKnown = status < 400 || response.description.includes(`${body.code}:`);
      return isKnown ? [] : [`it has the code ${body.code}`];
    });
  }

  return {
    operations,
    lookUp,
    problemsOf,

    /** Sends one request. @throws unless the document describes the answer */
    async send(base: string, { operation, url, init }: Sent): Promise<{ status: number; body: string }> {
      const { method, path, security = [] } = lookUp(operation);
      const isForServices = security.some((scheme) => 'service' in scheme);
      const authorization = { Authorization: `Bearer ${isForServices ? credential : token}` };
      const headers = { ...authorization, ...(init?.body !== undefined && JSON_BODY), ...init?.headers };
      const signal = AbortSignal.timeout(LIMIT_MS);
      const response = await fetch(base + (url ?? path), { method, ...init, headers, signal });
      const isStream = response.headers.get('content-type')?.startsWith('text/event-stream');
      if (isStream) await response.body?.cancel();
      const body = isStream ? '' : await response.text();
      const problems = problemsOf(operation, response, body);
      if (problems.length > 0) throw new Error(`${operation}, ${response.status}: ${problems.join('; ')}`);
      seen.add(`${operation} ${response.status}`);
      return { status: response.status, body };
    },

    /** Documented successes that were never answered. */
    unseen(): string[] {
      return operations.flatMap((operation) =>
        Object.keys(lookUp(operation).responses)
          .filter((status) => status.startsWith('2') && !seen.has(`${operation} ${status}`))
          .map((status) => `${operation} ${status}`),
      );
    },

    /** What callers do wrong, whatever the operation, and the least status that answers it. */
    misuses: operations.flatMap((operation): (Sent & { what: string; least: number })[] => {
      const { method, path, security, requestBody } = lookUp(operation);
      const sent = (what: string, init: RequestInit, url = path, isWrong = true) => {
        return { operation, what, url, init, least: isWrong ? 400 : 200 };
      };
      return [
        ...(path.includes('{')
          ? [sent('an id that is none', {}), sent('%zz', {}, path.replace(/\{.*?\}/, '%zz'))]
          : []),
        ...(security?.length && !security.some((one) => Object.keys(one).length === 0)
          ? [sent('no operator', { headers: { Authorization: 'Bearer wrong' } })]
          : []),
        ...(method === 'GET'
          ? [
              sent('HEAD', { method: 'HEAD' }, path, false),
              sent('a query of nonsense', {}, `${path}?limit=1&limit=2&unknown=%zz`, false),
            ]
          : [
              sent('no body', {}, path, Boolean(requestBody?.required)),
              sent('a body of another type', { body: 'a=b', headers: { 'Content-Type': 'text/plain' } }),
              sent('a torn body', { body: '{"a":' }),
              sent('a body that is no object', { body: 'null' }, path, Boolean(requestBody)),
              sent('a large body', { body: LARGE }),
            ]),
      ];
    }),
  };
}

const escapedPart = (part: string | number) => encodeURIComponent(String(part).replaceAll('/', '~1'));
const JSON_BODY = { 'Content-Type': 'application/json' };
