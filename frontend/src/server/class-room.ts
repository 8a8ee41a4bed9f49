import { randomInt } from 'node:crypto';
import type { ClassView, Presented } from '../live/class-view.ts';
import { equal } from './session.ts';

/** Without letters and digits that look alike on a wall. */
const LETTERS = 'ABCDEFGHJKMNPQRSTUVWXYZ23456789';
/** 31^8 codes: at a thousand tries a second, a code of eight hours is guessed once in 30,000 classes. So tries are not counted. */
const CODE_LENGTH = 8;

interface Class {
  readonly code: string;
  readonly endsAtMs: number;
  readonly shown: Presented | null;
}

/**
 * The class of this dashboard, at most one: people who joined by its code look on and change nothing. It ends by itself, when an
 * operator ends it, and with this process.
 */
export class ClassRoom {
  readonly #now: () => number;
  #class: Class | null = null;

  constructor(now: () => number = Date.now) {
    this.#now = now;
  }

  /** Opens a class with a new code, in place of the one before, whose viewers are out. */
  open(minutes: number): void {
    const code = Array.from({ length: CODE_LENGTH }, () => LETTERS[randomInt(LETTERS.length)]).join('');
    this.#class = { code, endsAtMs: this.#now() + minutes * 60_000, shown: null };
  }

  end(): void {
    this.#class = null;
  }

  /** Shows something to the class; `null` for nothing. @returns whether there is a class */
  present(shown: Presented | null): boolean {
    const current = this.#current();
    if (current !== null) this.#class = { ...current, shown };
    return current !== null;
  }

  /** Whether this is the code of the class that is open now. */
  admits(code: string): boolean {
    const current = this.#current();
    return current !== null && equal(code, current.code);
  }

  /** For operators only. */
  get code(): string | null {
    return this.#current()?.code ?? null;
  }

  /** For everybody. */
  get view(): ClassView | null {
    const current = this.#current();
    return current === null ? null : { ends_at_ms: current.endsAtMs, shown: current.shown };
  }

  #current(): Class | null {
    if (this.#class !== null && this.#class.endsAtMs <= this.#now()) this.#class = null;
    return this.#class;
  }
}
