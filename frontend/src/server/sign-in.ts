import { randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import type { Config } from './config.ts';
import { equal } from './session.ts';

/** The number of failed tries per minute, over all callers, after which tries are refused: more is guessing. */
const MAX_FAILURES_PER_MINUTE = 10;

type SignInResult = 'ok' | 'wrong' | 'throttled';

/**
 * Checks the password and the one-time links that sign operators in. Each link works once, and its use makes the next one.
 * Links go to standard output and, if configured, to a file that only its owner can read.
 */
export class SignIn {
  readonly #config: Pick<Config, 'password' | 'signInFile' | 'dashboardUrl'>;
  readonly #write: (line: string) => void;
  #token: string | null = null;
  #failures: number[] = [];

  constructor(config: Pick<Config, 'password' | 'signInFile' | 'dashboardUrl'>, write: (line: string) => void) {
    this.#config = config;
    this.#write = write;
  }

  /** Makes and prints a link, unless there is a password and no file for the link. */
  offerLink(): void {
    if (this.#config.password !== null && this.#config.signInFile === null) return;
    this.#token = randomBytes(24).toString('base64url');
    const link = `${this.#config.dashboardUrl}/sign-in?token=${this.#token}`;
    this.#write(`dashboard sign-in: ${link}\n`);
    if (this.#config.signInFile !== null) writeFileSync(this.#config.signInFile, `${link}\n`, { mode: 0o600 });
  }

  get passwordWorks(): boolean {
    return this.#config.password !== null;
  }

  withToken(token: string, nowMs: number): SignInResult {
    return this.#attempt(nowMs, () => {
      if (this.#token === null || !equal(token, this.#token)) return false;
      this.offerLink();
      return true;
    });
  }

  withPassword(password: string, nowMs: number): SignInResult {
    return this.#attempt(nowMs, () => this.#config.password !== null && equal(password, this.#config.password));
  }

  #attempt(nowMs: number, correct: () => boolean): SignInResult {
    this.#failures = this.#failures.filter((at) => at > nowMs - 60_000);
    if (this.#failures.length >= MAX_FAILURES_PER_MINUTE) return 'throttled';
    if (correct()) return 'ok';
    this.#failures.push(nowMs);
    return 'wrong';
  }
}
