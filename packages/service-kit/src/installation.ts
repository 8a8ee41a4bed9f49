import { hash } from 'node:crypto';

/**
 * Names an installation in Redis, which several may share.
 * @param operatorToken what the processes of an installation share, and no two installations do. Redis holds 64 bits of its hash, which
 *   do not give the token away.
 */
export const installationOf = (operatorToken: string | undefined): string =>
  hash('sha256', `chaos of ${operatorToken ?? ''}`).slice(0, 16);
