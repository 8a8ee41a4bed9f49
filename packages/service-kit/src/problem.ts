import type { IncomingMessage, ServerResponse } from 'node:http';
import type { ErrorRequestHandler, RequestHandler } from 'express';
import type { z } from 'zod';
import { requestIdOf } from './request-context.ts';

export interface ErrorEntry {
  status: number;
  title: string;
  /** For docs/errors.md: when it happens and what the caller does. */
  meaning: string;
}
export type ErrorCatalogue = Record<string, ErrorEntry>;

export interface FieldError {
  field: string;
  message: string;
}

/** The errors every service can answer with; a service adds its own. */
export const COMMON_ERRORS = {
  VALIDATION_FAILED: {
    status: 400,
    title: 'The request is not valid',
    meaning: 'A field, header or parameter is wrong; `errors` names each. Correct it and send again.',
  },
  MALFORMED_JSON: { status: 400, title: 'The body is not JSON', meaning: 'The body could not be parsed.' },
  UNAUTHORIZED: {
    status: 401,
    title: 'Who you are is not known',
    meaning:
      'Sign in, and send `Authorization: Bearer <token>`; a token that is sent must be valid on every path. A guest reads and cancels an order with its `Order-Token`. Attempts are logged.',
  },
  FORBIDDEN: {
    status: 403,
    title: 'You may not do this',
    meaning: 'The token is valid, and its holder may not do this; the detail says who may. The attempt is logged.',
  },
  NOT_FOUND: { status: 404, title: 'Not found', meaning: 'No such path, or nothing with this id.' },
  METHOD_NOT_ALLOWED: { status: 405, title: 'Method not allowed', meaning: '`Allow` lists the methods of this path.' },
  BODY_TOO_LARGE: { status: 413, title: 'The body is too large', meaning: 'Send fewer items.' },
  UNSUPPORTED_MEDIA_TYPE: {
    status: 415,
    title: 'Unsupported media type',
    meaning: 'Send JSON with `Content-Type: application/json`.',
  },
  OVERLOADED: {
    status: 429,
    title: 'Too many requests at once',
    meaning: 'The service sheds load. Nothing was done; retry after the seconds in `Retry-After`.',
  },
  RATE_LIMITED: {
    status: 429,
    title: 'Too many requests from one caller',
    meaning:
      'The caller has used up a quota; `RateLimit-Policy` names it. Nothing was done; retry after the seconds in `Retry-After`.',
  },
  INTERNAL_ERROR: {
    status: 500,
    title: 'Unexpected error',
    meaning: 'A defect. The log has the request id; a retry with the same key is safe.',
  },
  INJECTED_FAULT: {
    status: 500,
    title: 'A fault was injected',
    meaning: 'An experiment made this step fail (docs/chaos.md). The status is what the fault says.',
  },
  DATABASE_UNAVAILABLE: {
    status: 503,
    title: 'The database cannot be reached',
    meaning: 'Nothing was acknowledged. Retry with the same key after the seconds in `Retry-After`.',
  },
  IDENTITY_UNAVAILABLE: {
    status: 503,
    title: 'The token cannot be verified now',
    meaning:
      "The issuer's keys have not been read for an hour, or not since this process started; or the token names a key that is not among them, and the issuer does not answer. Retry after the seconds in `Retry-After`.",
  },
  CHAOS_HALTED: {
    status: 409,
    title: 'Chaos is halted',
    meaning: 'No fault can be armed until an operator re-arms chaos and says why.',
  },
  TOO_MANY_FAULTS: {
    status: 409,
    title: 'Too many faults are armed',
    meaning: 'Disarm some, or wait until they end by themselves.',
  },
  CHAOS_UNAVAILABLE: {
    status: 503,
    title: 'Faults cannot be changed now',
    meaning: 'Redis holds the faults and cannot be written. Replicas in this state drop their faults within a second.',
  },
  HALTED_HERE_ONLY: {
    status: 503,
    title: 'Chaos is halted in this process only',
    meaning:
      'Redis could not be written, so no other process was told. Those that cannot write it either drop their faults within a second. Retry.',
  },
  HALTED_UNAUDITED: {
    status: 503,
    title: 'Chaos is halted, and the audit does not say so yet',
    meaning:
      'The faults have ended; the database of the service that was asked has not recorded who halted them. The process records it when the database answers, unless it ends before. There is no need to repeat the halt.',
  },
} as const satisfies ErrorCatalogue;

/** An answer that is an error on the wire: RFC 9457 problem details. */
export class ProblemError extends Error {
  override name = 'ProblemError';
  readonly code: string;
  readonly entry: ErrorEntry;
  readonly errors: FieldError[] | undefined;
  readonly headers: Record<string, string>;

  constructor(
    code: string,
    entry: ErrorEntry,
    detail: string,
    options: { errors?: FieldError[]; headers?: Record<string, string>; cause?: unknown } = {},
  ) {
    super(detail, { cause: options.cause });
    this.code = code;
    this.entry = entry;
    this.errors = options.errors;
    this.headers = options.headers ?? {};
  }
}

/** The opposite of a problem: the request gets no answer, and its connection is cut. */
export class NoAnswer extends Error {
  override name = 'NoAnswer';
}

/** Makes a function for the problems of one catalogue: no other code can be sent. */
export function problemFactory<C extends ErrorCatalogue>(catalogue: C) {
  return (code: keyof C & string, detail: string, options?: ConstructorParameters<typeof ProblemError>[3]) =>
    new ProblemError(code, catalogue[code] as ErrorEntry, detail, options);
}

/** Makes the problems that every service can answer with. */
export const commonProblem = problemFactory(COMMON_ERRORS);

/** The problem document of an error, as it goes over the wire. */
export function problemBody(problem: ProblemError, context: { instance: string; requestId: string }) {
  return {
    type: `urn:valerix:error:${problem.code}`,
    title: problem.entry.title,
    status: problem.entry.status,
    detail: problem.message,
    instance: context.instance,
    code: problem.code,
    request_id: context.requestId,
    ...(problem.errors && { errors: problem.errors }),
  };
}

/** What zod found, as field errors: `items.0.quantity: …`. */
export function fieldErrors(error: z.ZodError, prefix = ''): FieldError[] {
  return error.issues.flatMap((issue) => {
    const base = [prefix, ...issue.path].filter((part) => part !== '').join('.');
    if (issue.code === 'unrecognized_keys') {
      return issue.keys.map((key) => ({
        field: [base, key].filter(Boolean).join('.'),
        message: 'is not a known field',
      }));
    }
    return [{ field: base || 'body', message: issue.message }];
  });
}

const TYPES: Record<string, string> = {
  string: 'text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'an object',
};

/** The message for a missing field or a wrong type, in a caller's words; zod's own messages serve for the rest. */
const wrongType: z.core.$ZodErrorMap = (issue) => {
  if (issue.code !== 'invalid_type') return undefined;
  // A query value that is not a number reaches the schema as NaN.
  return issue.input === undefined ? 'is required' : `must be ${TYPES[issue.expected] ?? issue.expected}`;
};

/**
 * Parses input with a zod schema.
 * @throws {ProblemError} VALIDATION_FAILED, naming each wrong field.
 */
export function parse<S extends z.ZodType>(schema: S, input: unknown, what = 'The request'): z.infer<S> {
  const result = schema.safeParse(input, { error: wrongType });
  if (result.success) return result.data;
  const errors = fieldErrors(result.error);
  throw commonProblem('VALIDATION_FAILED', `${what} is not valid: ${summary(errors)}`, { errors });
}

function summary(errors: FieldError[]): string {
  return errors
    .slice(0, 3)
    .map((error) => `${error.field} ${error.message}`)
    .join('; ');
}

/** @param more names and values of headers in turns: a list costs half of what `setHeader` does, and must then hold all of them */
export function sendProblem(res: ServerResponse, problem: ProblemError, more?: readonly string[]): void {
  // Outside Express there is no `originalUrl`.
  const req: IncomingMessage & { originalUrl?: string; requestId?: string } = res.req;
  const context = { instance: req.originalUrl ?? req.url ?? '', requestId: requestIdOf(req) };
  // As text: Node sends it in one piece with the head.
  const body = JSON.stringify(problemBody(problem, context));
  const type = { 'Content-Type': 'application/problem+json; charset=utf-8', 'Content-Length': Buffer.byteLength(body) };
  const headers = { ...problem.headers, ...type };
  // Not Express's `send`, which would spend more time on the headers than an admission may.
  res.writeHead(problem.entry.status, more ? [...more, ...Object.entries(headers).flat()] : headers).end(body);
}

/** The last handler but one: no route took the request. */
export const notFound: RequestHandler = (req) => {
  throw commonProblem('NOT_FOUND', `There is nothing at ${req.method} ${req.path}.`);
};

/** For a path that exists under other methods. */
export function methodNotAllowed(...methods: string[]): RequestHandler {
  return (req) => {
    throw commonProblem('METHOD_NOT_ALLOWED', `${req.method} is not possible here.`, {
      headers: { Allow: methods.join(', ') },
    });
  };
}

/**
 * Maps an error to a problem: a problem stays as it is; `translate` and the body parser's errors come next; any other error
 * becomes INTERNAL_ERROR with the error as its cause.
 */
export function problemOf(error: unknown, translate: (error: unknown) => ProblemError | undefined): ProblemError {
  if (error instanceof ProblemError) return error;
  return translate(error) ?? bodyParserProblem(error) ?? unexpected(error);
}

/** The last handler: turns any thrown error into a problem. `translate` knows the service's own errors. */
export function errorHandler(translate: (error: unknown) => ProblemError | undefined): ErrorRequestHandler {
  return (error, req, res, _next) => {
    const problem = problemOf(error, translate);
    if (problem.entry.status >= 500) {
      const level = problem.code === 'INTERNAL_ERROR' ? 'error' : 'warn';
      req.log[level]({ err: problem.cause ?? problem, code: problem.code }, problem.message);
    }
    if (res.headersSent) return void res.destroy();
    sendProblem(res, problem);
  };
}

function bodyParserProblem(error: unknown): ProblemError | undefined {
  const { type, status, limit } = (error ?? {}) as { type?: string; status?: number; limit?: number };
  if (type === 'entity.too.large') {
    return commonProblem('BODY_TOO_LARGE', `The body is larger than the ${limit} bytes that this path takes.`);
  }
  if (type === 'encoding.unsupported' || type === 'charset.unsupported') {
    return commonProblem('UNSUPPORTED_MEDIA_TYPE', 'Send UTF-8, plain or compressed with gzip, deflate or br.');
  }
  if (type === 'entity.parse.failed') return commonProblem('MALFORMED_JSON', 'The body is not valid JSON.');
  if (status === 400) return commonProblem('VALIDATION_FAILED', 'The request could not be read.');
  return undefined;
}

function unexpected(error: unknown): ProblemError {
  return commonProblem('INTERNAL_ERROR', 'Something went wrong here; it is logged under this request id.', {
    cause: error,
  });
}
