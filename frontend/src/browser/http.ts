import type { Problem } from '@valerix/contracts';
import type { z } from 'zod';
import { ownOrderHeaders } from './own-orders.ts';

/** Longer than the dashboard server's own timeout, so that its explanation arrives first. */
const TIMEOUT_MS = 20_000;

type Received = Pick<Answer, 'status' | 'text'> & { readonly headers: Iterable<readonly [string, unknown]> };
type Carry = (method: Method, url: string, options: SendOptions) => Promise<Received>;

let client: Promise<Carry> | null = null;

/** Loads axios with the first action: a page that only reads does without. */
async function loadClient(): Promise<Carry> {
  const { default: axios } = await import('axios');
  const http = axios.create({
    timeout: TIMEOUT_MS,
    responseType: 'text',
    // Keeps the text as it arrived: pages compare a replayed answer byte for byte.
    transformResponse: (text: unknown) => text,
    validateStatus: () => true,
    headers: { 'content-type': 'application/json' },
  });
  return async (method, url, { body, ...options }) => {
    const data = body === undefined ? undefined : JSON.stringify(body);
    const { status, data: text, headers } = await http.request<string>({ method, url, data, ...options });
    return { status, text: text ?? '', headers: Object.entries(headers) };
  };
}

const read: Carry = async (_, url, { params = {}, headers = {}, signal }) => {
  const given = Object.entries(params).flatMap(([name, value]) => (value === undefined ? [] : [[name, `${value}`]]));
  const query = given.length === 0 ? '' : `?${new URLSearchParams(given)}`;
  const timeout = AbortSignal.timeout(TIMEOUT_MS);
  const either = signal === undefined ? timeout : AbortSignal.any([signal, timeout]);
  const response = await fetch(`${url}${query}`, { headers, cache: 'no-store', signal: either });
  return { status: response.status, text: await response.text(), headers: response.headers };
};

async function carrierOf(method: Method): Promise<Carry> {
  if (method === 'GET') return read;
  client ??= loadClient();
  return client.catch((error) => {
    client = null;
    throw error;
  });
}

export type Method = 'GET' | 'POST' | 'PATCH' | 'DELETE';

/** An answer as it arrived. `status` is 0 if none arrived. */
export interface Answer {
  readonly status: number;
  readonly text: string;
  readonly body: unknown;
  readonly headers: Readonly<Record<string, string>>;
  readonly ms: number;
}

export interface SendOptions {
  readonly body?: unknown;
  readonly headers?: Record<string, string>;
  readonly params?: Record<string, string | number | undefined>;
  readonly signal?: AbortSignal;
}

const unauthorized = new EventTarget();

/** Calls `listener` at each answer 401. @returns a function that ends this */
export function onUnauthorized(listener: () => void): () => void {
  unauthorized.addEventListener('401', listener);
  return () => unauthorized.removeEventListener('401', listener);
}

/** Sends one request to the dashboard server. Resolves with any answer; rejects only if aborted. */
export async function send(method: Method, url: string, options: SendOptions = {}): Promise<Answer> {
  let started = performance.now();
  try {
    const carry = await carrierOf(method);
    started = performance.now();
    const headers = { ...ownOrderHeaders(url), ...options.headers };
    const received = await carry(method, url, { ...options, headers });
    if (received.status === 401) unauthorized.dispatchEvent(new Event('401'));
    return {
      status: received.status,
      text: received.text,
      body: parseJson(received.text),
      headers: Object.fromEntries([...received.headers].map(([name, value]) => [name, String(value)])),
      ms: performance.now() - started,
    };
  } catch (error) {
    if (options.signal?.aborted) throw error;
    return { status: 0, text: '', body: null, headers: {}, ms: performance.now() - started };
  }
}

/** An answer that was not a success, with the service's own explanation. */
export class ApiError extends Error {
  readonly status: number;
  readonly code: string;
  /** The problem with each field, if the service named them. */
  readonly errors: NonNullable<Problem['errors']>;

  constructor(status: number, code: string, detail: string, errors: Problem['errors'] = []) {
    super(detail);
    this.name = 'ApiError';
    this.status = status;
    this.code = code;
    this.errors = errors;
  }
}

/** Whether the service answered 404. */
export const isNotFound = (error: unknown): boolean => error instanceof ApiError && error.status === 404;

/** The answer, or `null` if the service answered 404. */
export function orNull<T>(answer: Promise<T>): Promise<T | null> {
  return answer.catch((error: unknown) => {
    if (isNotFound(error)) return null;
    throw error;
  });
}

/** The answers that a schema describes. The dashboard's server has checked them (`src/server/allow-list.ts`). */
export type AnswerOf<S extends z.ZodType> = z.infer<S>;

/** Sends a request. @throws {ApiError} unless the answer is a 2xx */
export async function act(method: Method, path: string, options?: SendOptions): Promise<Answer> {
  const answer = await send(method, path, options);
  if (answer.status < 200 || answer.status > 299) throw toError(answer);
  return answer;
}

/** Sends a request and returns the body of its answer. @throws {ApiError} unless the answer is a 2xx with a JSON body */
export async function fetchJson<T>(method: Method, path: string, options?: SendOptions): Promise<T> {
  const { status, body } = await act(method, path, options);
  if (body === null) throw new ApiError(status, 'UNREADABLE', 'The answer does not have the documented form.');
  return body as T;
}

/** The problem document in an answer, or `null`. */
export function problemOf(answer: Answer): Problem | null {
  const body = answer.body as Partial<Problem> | null;
  return body !== null && typeof body === 'object' && typeof body.code === 'string' ? (body as Problem) : null;
}

export function toError(answer: Answer): ApiError {
  if (answer.status === 0) return new ApiError(0, 'UNREACHABLE', 'The dashboard server cannot be reached.');
  const problem = problemOf(answer);
  const detail = problem?.detail ?? `The answer was ${answer.status}.`;
  return new ApiError(answer.status, problem?.code ?? 'UNKNOWN', detail, problem?.errors);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
