import type { Integrity } from '@valerix/contracts';
import type { Logger } from '@valerix/service-kit/logger';
import type { Metrics } from '../metrics.ts';
import type { Finding } from './judge-integrity.ts';

type Violation = Integrity['violations'][number];

/** Violations that are listed; the gauge counts these, and each order among them is looked up again and again. */
const MAX_LISTED = 100;
const OF_ITEMS: ReadonlySet<string> = new Set(['I1', 'I2']);
/** Each has its series from the start, so that an alert has something to compare with. */
const AUDITED = ['I1', 'I2', 'I4', 'I5', 'I6', 'I9'];

/** What is wrong now: each violation once, logged when it is found and when it is gone. */
export class ViolationBook {
  readonly #metrics: Pick<Metrics, 'integrityViolations'>;
  readonly #logger: Logger;
  readonly #found = new Map<string, Violation>();
  /** What the gauge says. It falls only while all that is broken is known: an alert must not end because nobody looks. */
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

  /** True when more was reported than it holds (I13), until the history is read again: nobody remembers the rest. */
  get isIncomplete(): boolean {
    return this.#incomplete;
  }

  /** The history is read again from its beginning: whatever is broken will be reported. */
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

  /** The order or item is in order again. */
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

  /** Orders that are wrong. */
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
