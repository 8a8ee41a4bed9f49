import type { Invariant } from '@valerix/contracts';

/**
 * What kind of wrong it is, in the words of the report:
 * lost: acknowledged and not there; duplicated: more than once; unexpected: there and never asked for; oversold: more taken
 * than there was; drift: two records of the same thing disagree; unsettled: not at an end; replay-mismatch: two answers to one
 * key; misjudged: refused, or moved, against the rules.
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

/** Keeps the first violations, and counts all of them: a system that is thoroughly broken must not fill the memory (I13). */
export class ViolationList {
  readonly #limit: number;
  readonly kept: Violation[] = [];
  total = 0;

  constructor(limit = 1_000) {
    this.#limit = limit;
  }

  add(...violations: Violation[]): void {
    this.total += violations.length;
    for (const violation of violations) if (this.kept.length < this.#limit) this.kept.push(violation);
  }
}
