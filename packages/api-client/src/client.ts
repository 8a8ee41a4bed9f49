import createClient, { type Client, type FetchResponse } from 'openapi-fetch';
import type { Apis } from './apis.generated.ts';

export interface ClientOptions {
  /** Sent as `Authorization: Bearer`. */
  token?: string | undefined;
  /** For the whole answer of one request. */
  timeoutMs?: number;
}

/** A client of the process at `url`, typed by the OpenAPI document of that service (or the laboratory). */
export function apiClient<K extends keyof Apis>(
  _of: K,
  url: string,
  { token, timeoutMs = 15_000 }: ClientOptions = {},
): Client<Apis[K]> {
  return createClient<Apis[K]>({
    baseUrl: url,
    ...(token !== undefined && { headers: { authorization: `Bearer ${token}` } }),
    fetch: (request) => fetch(request, { signal: AbortSignal.timeout(timeoutMs) }),
  });
}

/** The body of a successful answer. @throws Error with status and body of any other */
export async function answered<T extends Record<string | number, unknown>, O, M extends `${string}/${string}`>(
  sent: Promise<FetchResponse<T, O, M>>,
): Promise<NonNullable<FetchResponse<T, O, M>['data']>> {
  const { data, error, response } = await sent;
  if (data !== undefined) return data as NonNullable<typeof data>;
  throw new Error(`${response.url} answered ${response.status}: ${JSON.stringify(error)}`);
}
