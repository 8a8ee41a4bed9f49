import fc from 'fast-check';

/** A request as it goes over the wire. */
export interface FuzzedRequest {
  operation: string;
  method: string;
  path: string;
  headers: [name: string, value: string][];
  body: Buffer | undefined;
}

interface Schema {
  $ref?: string;
  type?: string | string[];
  enum?: unknown[];
  const?: unknown;
  pattern?: string;
  minimum?: number;
  maximum?: number;
  minItems?: number;
  maxItems?: number;
  items?: Schema;
  properties?: Record<string, Schema>;
  required?: string[];
  anyOf?: Schema[];
  oneOf?: Schema[];
}
interface Parameter {
  in: 'path' | 'query' | 'header';
  name: string;
  schema: Schema;
}
export interface FuzzedOperation {
  parameters?: Parameter[];
  requestBody?: { content: Record<string, { schema: Schema }> };
}

/** What breaks parsers, storage and pages. */
const NASTY = [
  '',
  ' ',
  '0',
  '-1',
  '1e309',
  '9007199254740993',
  'NaN',
  'null',
  '__proto__',
  'constructor',
  '\u0000',
  '\ud800',
  '\u202e',
  "'; DROP TABLE orders; --",
  '<script>alert(1)</script>',
  '../../etc/passwd',
  '{{7*7}}',
  'a'.repeat(300),
  '2026-02-30T25:61:61Z',
  '00000000-0000-0000-0000-000000000000',
];
const nasty = fc.oneof(fc.constantFrom(...NASTY), fc.string({ unit: 'binary', maxLength: 20 }));
const anything: fc.Arbitrary<unknown> = fc.oneof(
  nasty,
  fc.constant('é'.repeat(5_000)),
  fc.constantFrom(null, true, 0, -1, 1.5, -0, 2 ** 31, 2 ** 53, 1e308),
  fc.jsonValue({ maxDepth: 3 }),
  fc.constant(JSON.parse(`${'['.repeat(200)}${']'.repeat(200)}`)),
  fc.constant(JSON.parse('{"__proto__":{"polluted":true},"constructor":{"prototype":{"polluted":true}}}')),
);

/** Requests of the operations in a document: right, nearly right and wrong. `credentials` are values of `Authorization`. */
export function requestsOf(
  document: {
    paths: Record<string, Record<string, FuzzedOperation>>;
    components?: { schemas?: Record<string, Schema> };
  },
  credentials: readonly string[],
): fc.Arbitrary<FuzzedRequest> {
  const schemas = document.components?.schemas ?? {};

  const right = (given: Schema, depth = 0): fc.Arbitrary<unknown> => {
    const schema = given.$ref ? (schemas[given.$ref.split('/').at(-1) as string] as Schema) : given;
    const choices = schema.anyOf ?? schema.oneOf;
    if (choices) return fc.oneof(...choices.map((one) => value(one, depth + 1)));
    if (schema.const !== undefined) return fc.constant(schema.const);
    if (schema.enum) return fc.constantFrom(...schema.enum);
    const { minimum: min = -10, maximum: max = 1_000, minItems: minLength = 0, maxItems: maxLength = 3 } = schema;
    switch (Array.isArray(schema.type) ? schema.type[0] : schema.type) {
      case 'string':
        return schema.pattern ? fc.stringMatching(new RegExp(schema.pattern)) : fc.string({ maxLength: 30 });
      case 'integer':
        return fc.integer({ min: Math.ceil(min), max: Math.min(max, 2 ** 31) });
      case 'number':
        return fc.double({ min, max, noNaN: true });
      case 'boolean':
        return fc.boolean();
      case 'array':
        return fc.array(schema.items ? value(schema.items, depth + 1) : anything, {
          minLength,
          maxLength: Math.min(maxLength, 3),
        });
      case 'object': {
        const fields = Object.entries(schema.properties ?? {}).map(([name, one]) => [name, value(one, depth + 1)]);
        return fc.record(Object.fromEntries(fields), { requiredKeys: (schema.required ?? []) as never[] });
      }
      default:
        return anything;
    }
  };
  /** Mostly right, so that a request gets far. */
  const value = (schema: Schema, depth = 0): fc.Arbitrary<unknown> =>
    depth > 6
      ? anything
      : fc.oneof({ weight: 12, arbitrary: right(schema, depth) }, { weight: 1, arbitrary: anything });

  const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => {
      const { parameters = [], requestBody } = operation;
      const of = (where: Parameter['in']) =>
        Object.fromEntries(parameters.filter((one) => one.in === where).map((one) => [one.name, value(one.schema)]));
      return fc
        .record({
          path: fc.record(of('path')),
          query: fc.oneof(
            fc.record(of('query'), { requiredKeys: [] }),
            fc.dictionary(fc.string(), nasty, { maxKeys: 3 }),
          ),
          headers: fc.record({ ...of('header'), ...wildHeaders }, { requiredKeys: [] }),
          authorization: fc.option(fc.constantFrom(...credentials), { nil: undefined }),
          body: method === 'get' ? fc.constant(undefined) : bodies(requestBody?.content ?? {}),
        })
        .map(({ path: named, query, headers, authorization, body }): FuzzedRequest => {
          const filled = path.replaceAll(/\{(.*?)\}/g, (_, name) => escaped(named[name]) || '%20');
          const search = Object.entries(query).map((pair) => pair.map(escaped).join('='));
          return {
            operation: `${method.toUpperCase()} ${path}`,
            method: method.toUpperCase(),
            path: search.length > 0 ? `${filled}?${search.join('&')}` : filled,
            headers: Object.entries({ ...body?.headers, ...headers, ...(authorization && { authorization }) }).flatMap(
              ([name, text]) => (text === undefined ? [] : [[name, headerText(text)] as [string, string]]),
            ),
            body: body?.bytes,
          };
        });
    }),
  );
  return fc.oneof(...operations);

  function bodies(content: Record<string, { schema: Schema }>) {
    const [type = 'application/json', described] = Object.entries(content)[0] ?? [];
    const good = described ? value(described.schema) : anything;
    const text = type.endsWith('ndjson')
      ? fc.array(good, { maxLength: 4 }).map((lines) => lines.map((line) => JSON.stringify(line)).join('\n'))
      : good.map((one) => JSON.stringify(one));
    const as = (kind: string, more: Record<string, string> = {}) => ({ 'content-type': kind, ...more });
    const bytes = text.map((one) => Buffer.from(one ?? 'null'));
    return fc.oneof(
      { weight: 12, arbitrary: bytes.map((one) => ({ bytes: one, headers: as(type) })) },
      bytes.map((one) => ({ bytes: one.subarray(0, one.length >> 1), headers: as(type) })),
      bytes.map((one) => ({ bytes: Buffer.from(one.toString(), 'utf16le'), headers: as(`${type}; charset=utf-16`) })),
      bytes.map((one) => ({ bytes: one, headers: as(type, { 'content-encoding': 'gzip' }) })),
      bytes.map((one) => ({ bytes: one, headers: as('text/html') })),
      bytes.map((one) => ({ bytes: Buffer.concat([Buffer.from('\ufeff'), one]), headers: as(type) })),
      fc.uint8Array({ maxLength: 64 }).map((one) => ({ bytes: Buffer.from(one), headers: as(type) })),
      fc.constant({ bytes: Buffer.alloc(200_000, '[1,'), headers: as(type) }),
      fc.constant(undefined),
    );
  }
}

/** No header that makes Node.js itself refuse the request, and no deadline that is over when the request arrives. */
const headerValue = nasty.filter((text) => text.length < 1_000);
const wildHeaders = {
  'x-request-deadline-ms': fc.constantFrom('5000', '', '-1', 'soon', '1e9'),
  'x-request-id': headerValue,
  traceparent: headerValue,
  'last-event-id': headerValue,
  'order-token': headerValue,
  cookie: headerValue,
  accept: fc.constantFrom('text/html', '*/*', 'application/json', ';;;'),
};

function escaped(one: unknown): string {
  // More would be too much for Node.js itself.
  const text = (typeof one === 'string' ? one : JSON.stringify(one)).slice(0, 1_000);
  return text.isWellFormed() ? encodeURIComponent(text) : '%ff%fe';
}

/** Only what a header may hold: Node.js would not send the rest. */
const headerText = (one: unknown) =>
  String(one)
    .slice(0, 1_000)
    .replaceAll(/[^\t\x20-\x7e\x80-\xff]/g, '?');
