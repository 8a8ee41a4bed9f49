import type { Word } from './glossary.ts';

/**
 * The terms that a text explains, without their texts, which are loaded when one is asked for. Words that every sentence here has, such as
 * "order", are left out; the help page has them all. A test compares this list with the glossary.
 */
export const EXPLAINED =
  'access token|baseline|blast radius|books|breaker|bulkhead|charge|checkpoint|companion|compensation|crash|credential|dead letter|deadline|decision|defence|drain|evidence|experiment|failpoint|fault|fingerprint|game day|gate|guard|guest|hint|idempotency key|intent|inventory service|issuer|laboratory|lease|ledger|opening balance|operator|operator token|order token|outbox|participant|payment|payment deadline|payment token|period|principal|provider|queued|quota|reconciliation|redrive|reference|refresh token|refund|release|replay|replica|requeue|reservation|reserve|retention|retry budget|sabotage|saga|scenario|settle|stale|steady state|sweep|tombstone|verdict|viewer|webhook';

/** The longest first: "payment deadline" is one term. */
const PATTERN = new RegExp(
  `\\b(${EXPLAINED.split('|')
    .sort((a, b) => b.length - a.length)
    .join('|')})s?\\b`,
  'gi',
);

/** The text in parts, of which some are terms. */
export function partsOf(text: string): Array<{ at: number; plain: string; word: Word | null }> {
  const parts: Array<{ at: number; plain: string; word: Word | null }> = [];
  const seen = new Set<string>();
  let from = 0;
  for (const { 0: found, 1: term = '', index } of text.matchAll(PATTERN)) {
    const word = term.toLowerCase() as Word;
    if (seen.has(word)) continue;
    seen.add(word);
    if (index > from) parts.push({ at: from, plain: text.slice(from, index), word: null });
    parts.push({ at: index, plain: found, word });
    from = index + found.length;
  }
  if (from < text.length) parts.push({ at: from, plain: text.slice(from), word: null });
  return parts;
}
