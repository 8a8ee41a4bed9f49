import { Agent, request } from 'undici';
import { readMetrics } from '../runner/scrape.ts';

const STARTED = 'process_start_time_seconds';
/** With two replicas taken in turn or at random, all these connections meet the same one in a run out of 30,000. */
const CONNECTIONS = 16;
const TIMEOUT_MS = 2_000;

/**
 * Whether an address of this machine always leads to the same process of a service, by the start time in its metrics.
 * False for an address of another machine, and when the process does not answer.
 */
export async function holdsOneProcess(url: string): Promise<boolean> {
  if (!['127.0.0.1', '[::1]', 'localhost'].includes(new URL(url).hostname)) return false;
  const asked = Array.from({ length: CONNECTIONS }, () => startTime(url));
  return Promise.all(asked).then(
    (times) => times[0] !== undefined && new Set(times).size === 1,
    () => false,
  );
}

/** Over a connection of its own. */
async function startTime(url: string): Promise<number | undefined> {
  const dispatcher = new Agent({ pipelining: 0 });
  try {
    const { body } = await request(`${url}/metrics`, { dispatcher, signal: AbortSignal.timeout(TIMEOUT_MS) });
    return readMetrics(await body.text(), [STARTED]).get(STARTED);
  } finally {
    await dispatcher.close();
  }
}
