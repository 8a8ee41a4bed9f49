import { methodNotAllowed, parse } from '@valerix/service-kit/problem';
import { Router } from 'express';
import { z } from 'zod';
import type { createEchoStore } from './echo-store.ts';

export const echoBody = z.strictObject({ text: z.string().min(1).max(200) });
export const echoAnswer = z.object({ text: z.string(), kept: z.int() });

/** Parse, one use case, status. */
export function createRoutes(echoes: ReturnType<typeof createEchoStore>): Router {
  const router = Router();
  router
    .route('/api/echo')
    .post(async (req, res) => {
      const { text } = parse(echoBody, req.body);
      res.json({ text, kept: await echoes.keep(text) });
    })
    .all(methodNotAllowed('POST'));
  return router;
}
