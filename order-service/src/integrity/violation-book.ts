import type { Integrity } from '@valerix/contracts';
import type { Logger } from '@valerix/service-kit/logger';
import type { Metrics } from '../metrics.ts';
import type { Finding } from './judge-integrity.ts';

type Violation = Integrity['violations'][number];

/** The most violations listed. The gauge counts them, and their orders are looked up again and again. */
const MAX_LISTED = 100;
const OF_ITEMS: ReadonlySet<string> = new Set(['I1', 'I2']);
/** Each has a series from the start, so that alerts can compare with it. */
const AUDITED = ['I1', 'I2', 'I4', 'I5', 'I6', 'I9'];

/** The present violations, each once; logged when found and when gone. */
export class ViolationBook {
  readonly #metrics: Pick<Metrics, 'integrityViolations'>;
  readonly #logger: Logger;
  readonly #found = new Map<string, Violation>();
  /** The gauge's values. They fall only while every violation is known: an alert must not end because the list is cut off. */
  readonly #shown = new Map<string, number>();
  #incomplete = false;
  #readingAgain = false;

  constructor(metrics: Pick<Metrics, 'integrityViolations'>, logger: Logger) {
    this.#metrics = metrics;
    this.#logger = logger;
    this.#count();
  }

  get size(): number {
    return this.#found.size;
  }

  /** True if more violations were reported than the book holds (I13), until the history is read again. */
  get isIncomplete(): boolean {
    return this.#incomplete;
  }

  /** The history is read again from its beginning, so every violation will be reported again. */
  readAgain(): void {
    this.#incomplete = false;
    this.#readingAgain = true;
  }

  /** The history was read to its end. */
  wasRead(): void {
    if (!this.#readingAgain) return;
    this.#readingAgain = false;
    this.#count();
  }

  report(findings: readonly Finding[]): void {
    for (const finding of findings) {
      const name = `${finding.invariant} ${finding.subject}`;
      if (this.#found.has(name)) continue;
      if (this.#found.size >= MAX_LISTED) {
        if (!this.#incomplete) this.#logger.error({ listed: MAX_LISTED }, 'more is broken than is listed');
        this.#incomplete = true;
        continue;
      }
      const { invariant, subject, detail } = finding;
      this.#found.set(name, { invariant, subject, detail, found_at: new Date().toISOString() });
      this.#logger.error({ invariant, subject, detail }, 'an invariant is broken');
    }
    this.#count();
  }

  /** Withdraws the violations of an order or item. */
  clear(subject: string): void {
    for (const [name, violation] of this.#found) {
      if (violation.subject !== subject) continue;
      this.#found.delete(name);
      this.#logger.warn({ subject, invariant: violation.invariant }, 'a broken invariant holds again');
    }
    this.#count();
  }

  list(): Violation[] {
    return [...this.#found.values()];
  }

  /** The orders among the violations. */
  orders(): string[] {
    const orders = this.list().filter(({ invariant }) => !OF_ITEMS.has(invariant));
    return [...new Set(orders.map(({ subject }) => subject))];
  }

  items(): string[] {
    return this.list().flatMap(({ invariant, subject }) => (OF_ITEMS.has(invariant) ? [subject] : []));
  }

  #count(): void {
    const isAll = !this.#incomplete && !this.#readingAgain;
    for (const invariant of AUDITED) {
      const count = this.list().filter((violation) => violation.invariant === invariant).length;
      const shown = isAll ? count : Math.max(count, this.#shown.get(invariant) ?? 0);
      this.#shown.set(invariant, shown);
      this.#metrics.integrityViolations.set({ invariant }, shown);
    }
  }
}
