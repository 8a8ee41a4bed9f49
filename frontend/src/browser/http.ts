import type { Problem } from '@valerix/contracts';
import type { AxiosInstance, AxiosResponse } from 'axios';

/** Longer than the dashboard server's own timeout, so that its explanation arrives first. */
const TIMEOUT_MS = 20_000;

let client: Promise<AxiosInstance> | null = null;

/** Loads axios with the first request: the overview needs only its event stream, and starts without axios. */
async function loadClient(): Promise<AxiosInstance> {
  const { default: axios } = await import('axios');
  return axios.create({
    timeout: TIMEOUT_MS,
    responseType: 'text',
    // Keeps the text as it arrived: pages compare a replayed answer byte for byte.
    transformResponse: (text: unknown) => text,
    validateStatus: () => true,
    headers: { 'content-type': 'application/json' },
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
  const { body, ...rest } = options;
  let started = performance.now();
  try {
    client ??= loadClient();
    const http = await client.catch((error) => {
      client = null;
      throw error;
    });
    started = performance.now();
    const data = body === undefined ? undefined : JSON.stringify(body);
    const { ownOrderHeaders } = await import('./own-orders.ts');
    const headers = { ...ownOrderHeaders(url), ...rest.headers };
    const response: AxiosResponse<string> = await http.request({ method, url, data, ...rest, headers });
    const text = response.data ?? '';
    if (response.status === 401) unauthorized.dispatchEvent(new Event('401'));
    return {
      status: response.status,
      text,
      body: parseJson(text),
      headers: Object.fromEntries(Object.entries(response.headers).map(([name, value]) => [name, String(value)])),
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

/** Checks a received value, as a zod schema does. */
export interface Parser<T> {
  parse(value: unknown): T;
}

/** Sends a request. @throws {ApiError} unless the answer is a 2xx */
export async function act(method: Method, path: string, options?: SendOptions): Promise<Answer> {
  const answer = await send(method, path, options);
  if (answer.status < 200 || answer.status > 299) throw toError(answer);
  return answer;
}

/** Sends a request and returns its checked body. @throws {ApiError} unless the answer is a 2xx of the documented form */
export async function fetchJson<T>(parser: Parser<T>, method: Method, path: string, options?: SendOptions): Promise<T> {
  const answer = await act(method, path, options);
  try {
    return parser.parse(answer.body);
  } catch {
    throw new ApiError(answer.status, 'UNREADABLE', 'The answer does not have the documented form.');
  }
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
