import { chaosState, type HaltReport, haltAnswer } from '@valerix/contracts';
import { pause } from './backoff.ts';
import { failureInWords } from './failure-in-words.ts';

interface HaltOptions {
  token: string;
  by: string;
  reason: string;
  /** When to stop trying, milliseconds from now. */
  limitMs: number;
}

/** A process that hangs gets another try after this time: the first may have used a connection to its predecessor. */
const TRY_MS = 2_000;
const PAUSE_MS = 250;

/**
 * Tells each process to end all faults, all at once: a broken process, or a broken Redis, does not keep another from being told.
 * Repeats until each has confirmed, then waits until each has heard from all replicas, at most until the limit. Never throws.
 */
export function haltEverywhere(
  targets: readonly Pick<HaltReport, 'name' | 'url'>[],
  options: HaltOptions,
): Promise<HaltReport[]> {
  const end = performance.now() + options.limitMs;
  return Promise.all(
    targets.map(async ({ name, url }) => {
      let told: Told | undefined;
      for (;;) {
        const limitMs = Math.max(1, Math.ceil(Math.min(TRY_MS, end - performance.now())));
        // A process that confirmed stays halted: another halt would only fill its audit.
        told = told?.confirmed ? await lookAgain(url, options, limitMs, told) : await tell(url, options, limitMs);
        const { final, ...report } = told;
        if (final || performance.now() + PAUSE_MS > end) return { name, url, ...report };
        await pause(PAUSE_MS);
      }
    }),
  );
}

interface Told extends Pick<HaltReport, 'confirmed' | 'detail' | 'not_heard'> {
  /** Another try would change nothing. */
  final: boolean;
}

async function tell(url: string, options: HaltOptions, timeoutMs: number): Promise<Told> {
  const { by, reason, limitMs } = options;
  try {
    const answer = await ask(url, '/halt', options, timeoutMs, JSON.stringify({ by, reason }));
    return read(answer.status, await answer.json().catch(() => null));
  } catch (error) {
    return unconfirmed(failureInWords(error, limitMs));
  }
}

/** What a process that has confirmed has heard from the others by now; `told` when it does not say. */
async function lookAgain(url: string, options: HaltOptions, timeoutMs: number, told: Told): Promise<Told> {
  try {
    const answer = await ask(url, '', options, timeoutMs);
    const { replicas } = chaosState.pick({ replicas: true }).parse(await answer.json());
    return heardFromAllBut(replicas.filter((one) => !one.halted || one.faults.length > 0).map((one) => one.replica));
  } catch {
    return told;
  }
}

const ask = (url: string, path: string, { token }: HaltOptions, timeoutMs: number, body?: string): Promise<Response> =>
  fetch(`${url}/api/admin/chaos${path}`, {
    method: body === undefined ? 'GET' : 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    signal: AbortSignal.timeout(timeoutMs),
    ...(body !== undefined && { body }),
  });

function heardFromAllBut(silent: string[]): Told {
  const detail = silent.length === 0 ? '' : `it has not heard from ${silent.join(', ')}`;
  return { confirmed: true, detail, not_heard: silent, final: silent.length === 0 };
}

function read(status: number, body: unknown): Told {
  const { data } = haltAnswer.safeParse(body);
  if (status === 200 && data) return heardFromAllBut(data.not_heard);
  const code = String((body as { code?: unknown } | null)?.code ?? '');
  const words = status === 404 ? 'chaos is off in it' : CODES[code];
  if (words !== undefined) return { confirmed: true, detail: words, not_heard: [], final: true };
  if (status === 401) return { ...unconfirmed("it refused the operator's token"), final: true };
  return unconfirmed(`it answered ${status} ${code}`.trimEnd());
}

const unconfirmed = (detail: string): Told => ({ confirmed: false, detail, not_heard: [], final: false });

/** Errors after which the faults of the process itself have ended all the same. */
const CODES: Readonly<Record<string, string>> = {
  HALTED_HERE_ONLY: 'it cannot write Redis, and told no other process',
  HALTED_UNAUDITED: 'its database does not answer; the audit follows when it does',
};
