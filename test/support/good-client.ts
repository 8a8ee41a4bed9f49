import { setTimeout as sleep } from 'node:timers/promises';
import { type Answer, ask } from './http.ts';

/** A failed or abandoned connection has no answer. */
export type Attempt = Answer | undefined;

export interface Patience {
  /** How long one attempt may take, milliseconds. */
  attemptMs?: number;
  /** How long to keep trying, milliseconds. */
  limitMs?: number;
}

/** Sends the same request again, as a good client does, until `enough`. @throws after the limit, with what it saw */
export async function insist(
  url: string,
  init: RequestInit,
  enough: (answer: Answer) => boolean,
  { attemptMs = 1_000, limitMs = 20_000 }: Patience = {},
): Promise<Answer> {
  const end = performance.now() + limitMs;
  const seen: string[] = [];
  while (performance.now() < end) {
    const answer: Attempt = await ask(url, { ...init, signal: AbortSignal.timeout(attemptMs) }).catch(() => undefined);
    if (answer && enough(answer)) return answer;
    seen.push(answer ? `${answer.status} ${answer.body?.code ?? ''}` : 'no answer');
    await sleep(40);
  }
  throw new Error(`no end of ${init.method} ${url}: ${seen.join(', ')}`);
}

/** @param more of the body, such as a payment */
export const orderRequest = (
  key: string,
  items: readonly { item_id: string; quantity: number }[],
  more: object = {},
): RequestInit => ({
  method: 'POST',
  headers: { 'Content-Type': 'application/json', 'Idempotency-Key': key },
  body: JSON.stringify({ ...(items.length === 1 ? items[0] : { items }), ...more }),
});

/** 201, 202, 402 and 422 are final answers. */
export const isFinal = ({ status }: Answer): boolean => [201, 202, 402, 422].includes(status);
