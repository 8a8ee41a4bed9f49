import { answered, apiClient } from '@valerix/api-client';

/** A change waits up to half a second for the replicas to confirm it. */
const TIMEOUT_MS = 3_000;
// Every service has the control of chaos, as the inventory service documents it.
const at = (url: string, token: string) => apiClient('inventory', url, { token, timeoutMs: TIMEOUT_MS });

/** The ids of the armed faults, from the first service that answers. @throws when none does */
export async function armedFaults(urls: readonly string[], token: string): Promise<string[]> {
  const { faults } = await firstOf(urls, (url) => answered(at(url, token).GET('/api/admin/chaos')));
  return faults.map(({ id }) => id);
}

/** Ends a fault, if it has not ended by itself. @throws when no service answers */
export async function disarm(urls: readonly string[], token: string, id: string): Promise<void> {
  await firstOf(urls, async (url) => {
    const sent = at(url, token).DELETE('/api/admin/chaos/faults/{id}', { params: { path: { id } } });
    if ((await sent).response.status !== 404) await answered(sent);
  });
}

async function firstOf<T>(urls: readonly string[], ask: (url: string) => Promise<T>): Promise<T> {
  const failures: string[] = [];
  for (const url of urls) {
    try {
      return await ask(url);
    } catch (error) {
      failures.push(`${url}: ${(error as Error).message}`);
    }
  }
  throw new Error(failures.join('; '));
}
