import { chaosState } from '@valerix/contracts';
import { request } from 'undici';

/** A change waits up to half a second for the replicas to confirm it. */
const TIMEOUT_MS = 3_000;

/** The ids of the armed faults, from the first service that answers. @throws when none does */
export async function armedFaults(urls: readonly string[], token: string): Promise<string[]> {
  const text = await askOne(urls, token, 'GET', '');
  return chaosState.parse(JSON.parse(text)).faults.map(({ id }) => id);
}

/** Ends a fault, if it has not ended by itself. @throws when no service answers */
export const disarm = (urls: readonly string[], token: string, id: string): Promise<string> =>
  askOne(urls, token, 'DELETE', `/faults/${id}`, 404);

async function askOne(urls: readonly string[], token: string, method: 'GET' | 'DELETE', path: string, alsoFine = 200) {
  const failures: string[] = [];
  for (const url of urls) {
    try {
      const { statusCode, body } = await request(`${url}/api/admin/chaos${path}`, {
        method,
        headers: { authorization: `Bearer ${token}` },
        signal: AbortSignal.timeout(TIMEOUT_MS),
      });
      const text = await body.text();
      if (statusCode === 200 || statusCode === alsoFine) return text;
      failures.push(`${url} answered ${statusCode}`);
    } catch (error) {
      failures.push(`${url}: ${(error as Error).message}`);
    }
  }
  throw new Error(failures.join('; '));
}
