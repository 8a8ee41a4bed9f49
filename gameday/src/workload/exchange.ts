import { Pool } from 'undici';

/** What came of one request. Without an answer, `status` is 0 and `text` is absent: the outcome is unknown. */
export interface Exchanged {
  status: number;
  text?: string;
  retryAfterMs?: number;
  error?: string;
}

interface Sent {
  method: 'GET' | 'POST';
  path: string;
  timeoutMs: number;
  headers?: Record<string, string>;
  body?: string | undefined;
}

/** So many connections to each replica of a service. */
export const openPools = (urls: readonly string[], connections: number): Pool[] =>
  urls.map((url) => new Pool(url, { connections, pipelining: 1, keepAliveTimeout: 4_000 }));

export async function closePools(pools: readonly Pool[]): Promise<void> {
  await Promise.all(pools.map((pool) => pool.destroy()));
}

/** Sends one request to a replica; a number beyond the last replica starts again at the first. Never throws. */
export async function exchange(pools: readonly Pool[], replica: number, sent: Sent): Promise<Exchanged> {
  const { method, path, timeoutMs, headers = {}, body } = sent;
  try {
    const pool = pools[replica % pools.length] as Pool;
    const signal = AbortSignal.timeout(timeoutMs);
    const response = await pool.request({ method, path, headers, signal, ...(body !== undefined && { body }) });
    const text = await response.body.text();
    const retryAfter = response.headers['retry-after'];
    const seconds = Number(retryAfter);
    const wait = retryAfter !== undefined && seconds >= 0 && { retryAfterMs: seconds * 1000 };
    return { status: response.statusCode, text, ...wait };
  } catch (error) {
    const { name, code, message } = error as Error & { code?: string };
    return { status: 0, error: name === 'TimeoutError' ? 'timeout' : (code ?? message) };
  }
}
