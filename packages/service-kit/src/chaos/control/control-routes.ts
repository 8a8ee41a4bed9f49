import { armFaultBody, auditQuery, FAILPOINTS, haltBody, simpleChaosBody } from '@valerix/contracts';
import { type RequestHandler, Router } from 'express';
import { jsonBody } from '../../body.ts';
import { auditedAs } from '../../identity/principal.ts';
import { notTraffic } from '../../metrics.ts';
import { commonProblem, methodNotAllowed, parse } from '../../problem.ts';
import type { ManageChaos } from './manage-chaos.ts';
import type { createReadChaos } from './read-chaos.ts';

export interface ControlRouteDeps {
  manageChaos: ManageChaos;
  readChaos: ReturnType<typeof createReadChaos>;
  operator: RequestHandler;
}

/** The path of a service's control of chaos. */
export const CONTROL_PATH = '/api/admin/chaos';

/** `/api/admin/chaos`: parse, one use case, status. Every path needs the operator's token. */
export function controlRoutes({ manageChaos, readChaos, operator }: ControlRouteDeps): Router {
  const router = Router();
  router.use(notTraffic, operator, jsonBody('64kb'));

  router
    .route('/')
    .get(async (_req, res) => void res.json(await readChaos()))
    .post(async (req, res) => {
      const body = parse(simpleChaosBody, req.body === undefined ? {} : req.body);
      await manageChaos.armSimple(body, auditedAs(req.principal, body.created_by));
      res.json(await readChaos());
    })
    .delete(async (req, res) => {
      await manageChaos.clear(auditedAs(req.principal));
      res.json(await readChaos());
    })
    .all(methodNotAllowed('GET', 'POST', 'DELETE'));

  router
    .route('/faults')
    .get(async (_req, res) => void res.json({ items: await manageChaos.list() }))
    .post(async (req, res) => {
      const body = parse(armFaultBody, req.body, 'The fault');
      const fault = await manageChaos.arm(body, auditedAs(req.principal, body.created_by));
      res.status(201).set('Location', `${CONTROL_PATH}/faults/${fault.id}`).json({ fault });
    })
    .all(methodNotAllowed('GET', 'POST'));

  router
    .route('/faults/:id')
    .get(async (req, res) => {
      const fault = (await manageChaos.list()).find(({ id }) => id === req.params.id);
      if (!fault)
        throw commonProblem('NOT_FOUND', `No fault "${req.params.id}" is armed; it may have ended by itself.`);
      res.json({ fault });
    })
    .delete(async (req, res) => {
      res.json({ fault: await manageChaos.disarm(req.params.id as string, auditedAs(req.principal)) });
    })
    .all(methodNotAllowed('GET', 'DELETE'));

  router
    .route('/halt')
    .post(async (req, res) => {
      const { by, reason } = parse(haltBody, req.body, 'The halt');
      res.json(await manageChaos.halt(auditedAs(req.principal, by), reason));
    })
    .all(methodNotAllowed('POST'));

  router
    .route('/rearm')
    .post(async (req, res) => {
      const { by, reason } = parse(haltBody, req.body, 'The re-arming');
      res.json({ halt: await manageChaos.rearm(auditedAs(req.principal, by), reason) });
    })
    .all(methodNotAllowed('POST'));

  router
    .route('/audit')
    .get(async (req, res) => void res.json(await manageChaos.audit(parse(auditQuery, req.query, 'The query'))))
    .all(methodNotAllowed('GET'));

  router
    .route('/failpoints')
    .get((_req, res) => void res.json({ items: FAILPOINTS }))
    .all(methodNotAllowed('GET'));

  return router;
}
