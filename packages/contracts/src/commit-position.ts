import { z } from 'zod';

const MAX_TX = 2n ** 64n - 1n;
const MAX_SEQ = 2n ** 63n - 1n;
/** The transaction of a position. */
export const transactionOf = (position: string): bigint => BigInt(position.split('.')[0] as string);

const message = 'must be a position: <transaction>.<number>';

/**
 * Where a reader of events or of the ledger stands: `<transaction>.<number>`, which PostgreSQL reads as xid8 (0 to 2^64-1, octal
 * after a leading zero) and bigint (to 2^63-1). PostgreSQL reads every value accepted here as the same number.
 */
export const commitPosition = z
  .string()
  .regex(/^(0|[1-9]\d{0,19})\.(0|[1-9]\d{0,18})$/, { message, abort: true })
  .refine((text) => {
    const [tx = '', seq = ''] = text.split('.');
    return BigInt(tx) <= MAX_TX && BigInt(seq) <= MAX_SEQ;
  }, message);
