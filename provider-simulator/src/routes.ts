import { amountCents, commitPosition, currency } from '@valerix/contracts';
import { commonProblem, methodNotAllowed, parse } from '@valerix/service-kit/problem';
import { type RequestHandler, Router } from 'express';
import { z } from 'zod';
import type { TakeCharges } from './take-charges.ts';

const reference = z.string().regex(/^[\x21-\x7e]{1,100}$/, 'must be 1 to 100 printable ASCII characters');

/** The body of `POST /api/charges`. */
export const chargeBody = z
  .strictObject({
    reference: reference.describe("The caller's name for the charge: repeating it charges once."),
    amount: amountCents,
    currency,
    source: z.string().min(1).max(255).describe('The token of the card.'),
  })
  .meta({ id: 'NewCharge' });

export const charge = z
  .object({
    reference: z.string(),
    amount: z.int(),
    currency: z.string(),
    status: z.enum(['processing', 'succeeded', 'failed', 'canceled', 'refunded']),
    failure_code: z.string().nullable(),
  })
  .meta({ id: 'Charge' });
export const chargeAnswer = z.object({ charge }).meta({ id: 'ChargeAnswer' });

export const oneCharge = z.object({ reference });

export const booksQuery = z.strictObject({
  after: commitPosition.optional(),
  reference: reference.optional().describe('Only the entries of this reference, as soon as they are committed.'),
  limit: z.coerce.number().int().min(1).max(1000).default(100),
});

export const booksPage = z
  .object({
    items: z.array(
      z.object({
        position: z.string().describe('Pass the last one seen as `after` to continue.'),
        type: z.enum(['charge', 'refund']),
        reference: z.string(),
        amount: z.int(),
        currency: z.string(),
        created_at: z.iso.datetime({ offset: true }),
      }),
    ),
    next_cursor: z.string().nullable(),
    settled_to: commitPosition,
    held_back: z.boolean(),
  })
  .meta({ id: 'BooksPage' });

export interface RouteDeps {
  charges: Pick<TakeCharges, 'charge' | 'refund' | 'find'>;
  books: TakeCharges['books'];
  callers: RequestHandler;
  insiders: RequestHandler;
}

/** Parse, one use case, status. */
export function createRoutes({ charges, books, callers, insiders }: RouteDeps): Router {
  const router = Router();

  router
    .route('/api/charges')
    .post(callers, async (req, res) => {
      const { charge, isLost } = await charges.charge(parse(chargeBody, req.body));
      if (isLost) return void req.socket.destroy();
      res.json({ charge });
    })
    .all(methodNotAllowed('POST'));

  router
    .route('/api/charges/:reference')
    .get(insiders, async (req, res) => {
      const found = await charges.find(parse(oneCharge, req.params, 'The path').reference);
      if (!found) throw commonProblem('NOT_FOUND', 'There is no charge with this reference.');
      res.json({ charge: found });
    })
    .all(methodNotAllowed('GET'));

  router
    .route('/api/charges/:reference/refund')
    .post(callers, async (req, res) => {
      const about = parse(oneCharge, req.params, 'The path').reference;
      res.json({ charge: await charges.refund(about) });
    })
    .all(methodNotAllowed('POST'));

  router
    .route('/api/books')
    .get(insiders, async (req, res) => void res.json(await books(parse(booksQuery, req.query, 'The query'))))
    .all(methodNotAllowed('GET'));

  return router;
}
