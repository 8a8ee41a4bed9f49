import type { Problem } from '@valerix/contracts';
import type { AxiosInstance, AxiosResponse } from 'axios';

/** Longer than the dashboard server's own timeout, so that its explanation arrives. */
const TIMEOUT_MS = 20_000;

let client: Promise<AxiosInstance> | null = null;

/** Loaded with the first request: the overview lives on its event stream alone and starts without it. */
function httpClient(): Promise<AxiosInstance> {
  client ??= import('axios').then(({ default: axios }) =>
    axios.create({
      timeout: TIMEOUT_MS,
      responseType: 'text',
      // The text is kept as it came: a replayed answer is compared byte for byte.
      transformResponse: (text: unknown) => text,
      validateStatus: () => true,
      headers: { 'content-type': 'application/json' },
    }),
  );
  return client;
}

export type Method = 'GET' | 'POST' | 'DELETE';

/** An answer as it arrived. `status` is 0 when none did. */
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

/** Sends one request to the dashboard server. Resolves with whatever was answered; never rejects but when aborted. */
export async function send(method: Method, path: string, options: SendOptions = {}): Promise<Answer> {
  const http = await httpClient().catch(() => {
    client = null;
    return null;
  });
  const started = performance.now();
  if (http === null) return { status: 0, text: '', body: null, headers: {}, ms: 0 };
  const { body, headers, params, signal } = options;
  try {
    const response: AxiosResponse<string> = await http.request({
      method,
      url: path,
      ...(body === undefined ? {} : { data: JSON.stringify(body) }),
      ...(headers === undefined ? {} : { headers }),
      ...(params === undefined ? {} : { params }),
      ...(signal === undefined ? {} : { signal }),
    });
    const text = response.data ?? '';
    return {
      status: response.status,
      text,
      body: parseJson(text),
      headers: Object.fromEntries(Object.entries(response.headers).map(([name, value]) => [name, String(value)])),
      ms: performance.now() - started,
    };
  } catch (error) {
    if (signal?.aborted) throw error;
    return { status: 0, text: '', body: null, headers: {}, ms: performance.now() - started };
  }
}

/** An answer that was not a success, with the service's own explanation. */
export class ApiError extends Error {
  readonly status: number;
  readonly code: string;
  /** What is wrong with which field, if the service said so. */
  readonly errors: NonNullable<Problem['errors']>;

  constructor(status: number, code: string, detail: string, errors: Problem['errors'] = []) {
    super(detail);
    this.name = 'ApiError';
    this.status = status;
    this.code = code;
    this.errors = errors;
  }
}

/** Whether the service said that there is no such thing. */
export function isNotFound(error: unknown): boolean {
  return error instanceof ApiError && error.status === 404;
}

/** The answer, or `null` when the service said that there is no such thing. */
export function orNull<T>(answer: Promise<T>): Promise<T | null> {
  return answer.catch((error: unknown) => {
    if (isNotFound(error)) return null;
    throw error;
  });
}

/** Anything that can check what came: a zod schema fits. */
export interface Parser<T> {
  parse(value: unknown): T;
}

/** Sends a request and returns its checked body. Throws `ApiError` on anything but a 2xx. */
export async function fetchJson<T>(
  parser: Parser<T>,
  method: Method,
  path: string,
  options: SendOptions = {},
): Promise<T> {
  const answer = await send(method, path, options);
  if (answer.status < 200 || answer.status > 299) throw toError(answer);
  try {
    return parser.parse(answer.body);
  } catch {
    throw new ApiError(answer.status, 'UNREADABLE', 'The answer does not have the agreed form.');
  }
}

/** Sends a request of which only success matters. */
export async function act(method: Method, path: string, body?: unknown): Promise<void> {
  const answer = await send(method, path, body === undefined ? {} : { body });
  if (answer.status < 200 || answer.status > 299) throw toError(answer);
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
