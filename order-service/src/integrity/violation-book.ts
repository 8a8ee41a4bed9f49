import type { Integrity } from '@valerix/contracts';
import type { Logger } from '@valerix/service-kit/logger';
import type { Finding } from './judge-integrity.ts';

type Violation = Integrity['violations'][number];

/** The most violations listed. The gauge counts them, and their orders are looked up again and again. */
const MAX_LISTED = 100;
const OF_ITEMS: ReadonlySet<string> = new Set(['I1', 'I2']);
/** Each has a series from the start, so that alerts can compare with it. */
const AUDITED = ['I1', 'I2', 'I4', 'I5', 'I6', 'I9', 'I14', 'I15', 'I16', 'I17'];

/** Violations by invariant. */
export type Counts = Record<string, number>;

/** What a checkpoint keeps of the book. */
export interface BookMemory {
  violations: Violation[];
  counts: Counts;
  incomplete: boolean;
  reading_again: boolean;
}

/** No violation of any invariant. */
export const noCounts = (): Counts => Object.fromEntries(AUDITED.map((invariant) => [invariant, 0]));

/** The present violations, each once; logged when found and when gone. */
export class ViolationBook {
  readonly #logger: Logger;
  readonly #now: () => Date;
  readonly #found: Map<string, Violation>;
  /** What the gauge shows. It falls only while every violation is known: an alert must not end because the list is cut off. */
  #counts: Counts;
  #incomplete: boolean;
  #readingAgain: boolean;

  constructor({ logger, now }: { logger: Logger; now: () => Date }, memory: BookMemory) {
    this.#logger = logger;
    this.#now = now;
    this.#found = new Map(memory.violations.map((violation) => [nameOf(violation), violation]));
    this.#counts = { ...noCounts(), ...memory.counts };
    this.#incomplete = memory.incomplete;
    this.#readingAgain = memory.reading_again;
  }

  get size(): number {
    return this.#found.size;
  }

  get counts(): Counts {
    return { ...this.#counts };
  }

  /** True if more violations were reported than the book holds (I13), until the history is read again. */
  get isIncomplete(): boolean {
    return this.#incomplete;
  }

  get memory(): BookMemory {
    return {
      violations: this.list(),
      counts: this.counts,
      incomplete: this.#incomplete,
      reading_again: this.#readingAgain,
    };
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
      if (this.#found.has(nameOf(finding))) continue;
      if (this.#found.size >= MAX_LISTED) {
        if (!this.#incomplete) this.#logger.error({ listed: MAX_LISTED }, 'more is broken than is listed');
        this.#incomplete = true;
        continue;
      }
      const { invariant, subject, detail } = finding;
      this.#found.set(nameOf(finding), { invariant, subject, detail, found_at: this.#now().toISOString() });
      this.#logger.error({ invariant, subject, detail }, 'an invariant is broken');
    }
    this.#count();
  }

  /** Withdraws the violations of an order or item, save those that were found again. */
  clear(subject: string, again: readonly Finding[] = []): void {
    const names = new Set(again.map(nameOf));
    for (const [name, violation] of this.#found) {
      if (violation.subject !== subject || names.has(name)) continue;
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
      this.#counts[invariant] = isAll ? count : Math.max(count, this.#counts[invariant] ?? 0);
    }
  }
}

const nameOf = ({ invariant, subject }: { invariant: string; subject: string }) => `${invariant} ${subject}`;
