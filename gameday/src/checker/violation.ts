import type { Invariant } from '@valerix/contracts';

/**
 * The kind of violation, in the report's words. lost: acknowledged, but missing; duplicated: exists more than once; unexpected:
 * exists, but no client asked for it; oversold: more units taken than there were; drift: two records of the same thing disagree;
 * unsettled: still open; replay-mismatch: two answers to one key; misjudged: refused or moved against the rules.
 */
export type ViolationClass =
  | 'lost'
  | 'duplicated'
  | 'unexpected'
  | 'oversold'
  | 'drift'
  | 'unsettled'
  | 'replay-mismatch'
  | 'misjudged';

export interface Violation {
  invariant: Invariant;
  class: ViolationClass;
  /** The order, item or idempotency key concerned. */
  subject: string;
  detail: string;
}

export const violation = (invariant: Invariant, kind: ViolationClass, subject: string, detail: string): Violation => ({
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
