import type { Invariant } from '@valerix/contracts';

/** The rules of reads (docs/consistency.md), numbered like the invariants. */
export const READ_RULES = {
  R1: 'a read sent after an answer shows the order, in the status answered or a later one',
  R2: 'between reads the status of an order never goes back, and each one shown is in its timeline',
  R3: 'a page misses no order that was answered before it was asked for',
  R4: 'the stock read is what the ledger held at some moment between question and answer',
  R5: 'the depth of the queue read is one of the last seconds',
} as const;
export type Rule = Invariant | keyof typeof READ_RULES;

/**
 * The kind of violation, in the report's words. lost: acknowledged, but missing; duplicated: exists more than once; unexpected:
 * exists, but no client asked for it; oversold: more units taken than there were; drift: two records of the same thing disagree;
 * unsettled: still open; stale: shown as it was before; replay-mismatch: two answers to one key; misjudged: refused or moved against the rules.
 */
export type ViolationClass =
  | 'lost'
  | 'duplicated'
  | 'unexpected'
  | 'oversold'
  | 'drift'
  | 'unsettled'
  | 'stale'
  | 'replay-mismatch'
  | 'misjudged';

export interface Violation {
  invariant: Rule;
  class: ViolationClass;
  /** The order, item or idempotency key concerned. */
  subject: string;
  detail: string;
}

export const violation = (invariant: Rule, kind: ViolationClass, subject: string, detail: string): Violation => ({
  invariant,
  class: kind,
  subject,
  detail,
});

/** Two violations with the same name are the same finding. */
export const violationName = ({ invariant, subject }: Violation): string => `${invariant} ${subject}`;

/** Keeps the first violations and counts all of them: a badly broken system must not fill the memory (I13). */
export class ViolationList {
  readonly #limit: number;
  readonly kept: Violation[] = [];
  total = 0;

  constructor(limit = 1_000) {
    this.#limit = limit;
  }

  add(...violations: Violation[]): void {
    this.total += violations.length;
    this.kept.push(...violations.slice(0, this.#limit - this.kept.length));
  }
}
