import { z } from 'zod';

/** The most that one order can cost: 50 items of 1,000 units at the highest price. */
const MAX_AMOUNT_CENTS = 5_000_000_000_000;

export const currency = z
  .string()
  .regex(/^[A-Z]{3}$/, 'must be three capital letters, such as EUR')
  .meta({ id: 'Currency', example: 'EUR' });
/** An amount of money, in the smallest unit of its currency. */
export const amountCents = z.int().min(0).max(MAX_AMOUNT_CENTS);

/** A provider's name for a way to pay. It is kept only while its order is open, and is never logged. */
export const paymentToken = z
  .string()
  .regex(/^[\x21-\x7e]{1,255}$/, 'must be 1 to 255 printable ASCII characters without a space')
  .meta({ id: 'PaymentToken', example: 'tok_ok' });
