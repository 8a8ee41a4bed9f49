import { randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import type { Config } from './config.ts';
import { equal } from './session.ts';

/**
 * The ways to sign in that need no account and no identity-service: a one-time link, or the operator token itself. Each link works
 * once, and its use makes the next one. Links go to standard output and, if configured, to a file that only its owner can read.
 *
 * Nothing here counts wrong tries. Both secrets are random and too long to guess, and a count would let anybody keep operators out.
 */
export class SignIn {
  readonly #config: Pick<Config, 'operatorToken' | 'signInFile' | 'dashboardUrl'>;
  readonly #write: (line: string) => void;
  #token: string | null = null;

  constructor(config: Pick<Config, 'operatorToken' | 'signInFile' | 'dashboardUrl'>, write: (line: string) => void) {
    this.#config = config;
    this.#write = write;
  }

  /** Makes and prints a link, which replaces the one before. */
  offerLink(): string {
    this.#token = randomBytes(24).toString('base64url');
    const link = `${this.#config.dashboardUrl}/sign-in?token=${this.#token}`;
    this.#write(`dashboard sign-in: ${link}\n`);
    if (this.#config.signInFile !== null) writeFileSync(this.#config.signInFile, `${link}\n`, { mode: 0o600 });
    return link;
  }

  /** Whether this is the token of the latest link, unused so far. */
  withLink(token: string): boolean {
    if (this.#token === null || !equal(token, this.#token)) return false;
    this.offerLink();
    return true;
  }

  /** Whether this is the operator token. */
  withOperatorToken(token: string): boolean {
    return this.#config.operatorToken !== null && equal(token, this.#config.operatorToken);
  }
}
