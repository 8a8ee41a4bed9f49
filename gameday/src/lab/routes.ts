import { gamedayId, listGamedaysQuery, startGamedayBody } from '@valerix/contracts';
import { notTraffic } from '@valerix/service-kit/metrics';
import { methodNotAllowed, parse } from '@valerix/service-kit/problem';
import { type RequestHandler, Router } from 'express';
import { z } from 'zod';
import { RUN_FILES } from '../run-folder/run-folder.ts';
import { problem } from './errors.ts';
import type { Gamedays } from './gamedays.ts';

export interface RouteDeps {
  gamedays: Gamedays;
  /** The folder of the runs. */
  runs: string;
  watch: RequestHandler<{ id: string }>;
  operator: RequestHandler;
}

const idParams = z.object({ id: gamedayId });

/** A report contains its styles and pictures: it may run no script and load nothing, and has no origin. */
const REPORT_POLICY =
  "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'self'";

/** Parse, one use case, status. */
export function createRoutes({ gamedays, runs, watch, operator }: RouteDeps): Router {
  const router = Router();

  router
    .route('/api/experiments')
    .get((_req, res) => void res.json(gamedays.experiments()))
    .all(methodNotAllowed('GET'));

  router
    .route('/api/gamedays')
    .get(async (req, res) => {
      const { limit, cursor } = parse(listGamedaysQuery, req.query, 'The query');
      res.json(await gamedays.page(limit, cursor));
    })
    .post(operator, async (req, res) => {
      const gameday = await gamedays.start(parse(startGamedayBody, req.body));
      res.status(202).location(`/api/gamedays/${gameday.id}`).json({ gameday });
    })
    .all(methodNotAllowed('GET', 'POST'));

  // Every path below holds an id; only a valid id may become the name of a folder.
  router.param('id', (_req, _res, next, id) => {
    parse(idParams, { id }, 'The path');
    next();
  });

  router
    .route('/api/gamedays/:id')
    .get(async (req, res) => void res.json(await gamedays.detail(req.params.id)))
    .all(methodNotAllowed('GET'));

  router
    .route('/api/gamedays/:id/stream')
    // Without this, Express would route HEAD to the watch, which would hold it until the run ends.
    .head(notTraffic, async (req, res) => {
      await gamedays.find(req.params.id);
      res.type('text/event-stream').end();
    })
    .get(notTraffic, watch)
    .all(methodNotAllowed('GET'));

  router
    .route('/api/gamedays/:id/stop')
    .post(operator, async (req, res) => {
      res.status(202).json({ gameday: await gamedays.stop(req.params.id as string) });
    })
    .all(methodNotAllowed('POST'));

  router
    .route('/api/gamedays/:id/report')
    .get(sendFile(RUN_FILES.report, { 'Content-Security-Policy': REPORT_POLICY }))
    .all(methodNotAllowed('GET'));

  router.route('/api/gamedays/:id/journal').get(sendFile(RUN_FILES.journal)).all(methodNotAllowed('GET'));

  // For operators: it holds the keys of orders, and in a cluster those orders stay.
  router
    .route('/api/gamedays/:id/history')
    .get(operator, sendFile(RUN_FILES.history, { 'Content-Type': 'application/x-ndjson' }))
    .all(methodNotAllowed('GET'));

  return router;

  function sendFile(name: string, headers: Record<string, string> = {}): RequestHandler<{ id: string }> {
    return async (req, res, next) => {
      const { id } = req.params;
      await gamedays.find(id);
      res.set(headers);
      // Always the whole file: the contract has no partial answer and no "not modified".
      const whole = { acceptRanges: false, lastModified: false, etag: false };
      res.sendFile(name, { root: `${runs}/${id}`, ...whole }, (error) => {
        if (!error || res.headersSent) return;
        next(problem('NOT_FOUND', `${id} has no ${name}.`));
      });
    };
  }
}
