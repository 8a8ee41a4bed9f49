import type { Integrity } from '@valerix/contracts';
import { QUEUE_COUNT_LIMIT } from '@valerix/contracts/plain';
import { formatQueued, formatSpan, plural } from '../browser/format.ts';
import type { Reading } from '../live/live-types.ts';

/** An older check says nothing about the current state. */
const STALE_CHECK_MS = 30_000;
/** An answer received earlier is not current either. */
const STALE_READING_MS = 15_000;

export interface Verdict {
  readonly tone: 'ok' | 'warn' | 'bad' | 'unknown';
  readonly title: string;
  readonly detail: string;
}

/**
 * The verdict on the system's correctness. Green needs a recent "ok" from the services themselves. Silence, an old answer
 * and an old check are "unknown". A violation stays red at any age, because it does not repair itself. A dead letter is amber: nothing
 * is lost, but its stock may be taken while its customer waits for an operator.
 * @param ageMs the age of the reading, including the time since the dashboard's last message; `null` if never received
 * @param deadLetters `null` if unknown
 */
export function verdictOf(
  reading: Reading<Integrity> | undefined,
  ageMs: number | null,
  nowMs: number,
  deadLetters: number | null = 0,
): Verdict {
  const integrity = reading?.value ?? null;
  const unknown = (detail: string): Verdict => {
    const sentence = /[.!]$/.test(detail) ? detail : `${detail}.`;
    const capital = `${sentence.slice(0, 1).toUpperCase()}${sentence.slice(1)}`;
    return { tone: 'unknown', title: 'Unknown', detail: `${capital}${soFar(integrity, nowMs)}` };
  };
  if (integrity === null || ageMs === null) {
    const { error = null } = reading ?? {};
    return unknown(error ? `The order service's own check could not be read: ${error}.` : 'Nothing received yet.');
  }
  if (integrity.verdict === 'violated') {
    const [first] = integrity.violations;
    const title = `${plural(integrity.violations.length, 'violation')} found`;
    return { tone: 'bad', title, detail: first ? `${first.invariant}: ${first.detail}` : '' };
  }
  if (reading?.error) return unknown(`The order service's own check cannot be read now: ${reading.error}.`);
  if (integrity.verdict === 'unknown' || integrity.checked_at === null) {
    return unknown(integrity.detail ?? 'No check has finished yet.');
  }
  if (ageMs > STALE_READING_MS) return unknown('The last verdict is too old.');
  if (nowMs - Date.parse(integrity.checked_at) > STALE_CHECK_MS) return unknown('The last check is too old.');
  const title = 'No order lost, no stock deducted twice';
  if (deadLetters !== null && deadLetters > 0) {
    const count =
      deadLetters >= QUEUE_COUNT_LIMIT ? `${formatQueued(deadLetters)} orders` : plural(deadLetters, 'order');
    const detail = `${count} could not be settled, and may hold stock until an operator requeues or cancels.`;
    return { tone: 'warn', title, detail };
  }
  return { tone: 'ok', title, detail: 'Every settled order agrees with the stock ledger, and no stock is negative.' };
}

/** What the audit had found before it stood still. */
function soFar(integrity: Integrity | null, nowMs: number): string {
  if (integrity === null || integrity.checked_at === null || integrity.orders_checked === 0) return '';
  const ago = formatSpan(nowMs - Date.parse(integrity.checked_at));
  return ` Until ${ago} ago, ${plural(integrity.orders_checked, 'order')} had been checked: none was lost or doubled.`;
}
