import {
  accountBody,
  changePasswordBody,
  changeUserBody,
  createUserBody,
  listUsersQuery,
  operatorSignInBody,
  refreshBody,
  signInBody,
  signOutBody,
} from '@valerix/contracts';
import { callerNetwork } from '@valerix/service-kit/addresses';
import { auditedAs, isPerson, MACHINE, type Principal } from '@valerix/service-kit/identity/principal';
import { refusal } from '@valerix/service-kit/identity/require';
import { methodNotAllowed, ProblemError, parse } from '@valerix/service-kit/problem';
import { type Request, type RequestHandler, type Response, Router } from 'express';
import { z } from 'zod';
import type { ManageUsers } from './manage-users.ts';
import { type Sessions, userOf } from './sessions.ts';
import type { SignIn } from './sign-in.ts';
import type { SigningKeys } from './signing-keys.ts';

export interface RouteDeps {
  signIn: SignIn;
  sessions: Sessions;
  manageUsers: ManageUsers;
  keys: SigningKeys;
  operator: RequestHandler;
}

const userParams = z.object({ user_id: z.uuid() });
const SIGN_UP_MESSAGE = 'If the email had no account, it has one now. Sign in.';
/** An IPv6 caller counts by its network, as for the rate limits: each guess could come from another of its addresses. */
const addressOf = ({ ip = '' }: Request): string => callerNetwork(ip) ?? 'unknown';

const only =
  (needed: string, accepts: (principal: Principal) => boolean): RequestHandler =>
  (req, _res, next) =>
    next(accepts(req.principal) ? undefined : refusal(req, needed));
const person = only('a person who is signed in', isPerson);
const machine = only('the operator token', (principal) => principal === MACHINE);

/** A refusal waits on purpose: counted as traffic, it would make the service look slow. It has a counter of its own. */
const refusedLate = (req: Request, res: Response) => (error: unknown) => {
  if (error instanceof ProblemError && error.code === 'SIGN_IN_FAILED') {
    res.locals.notTraffic = true;
    req.log.info({ ip: req.ip }, 'a sign-in was refused');
  }
  throw error;
};

/** Parse, one use case, status. */
export function createRoutes({ signIn, sessions, manageUsers, keys, operator }: RouteDeps): Router {
  const router = Router();
  /** Lets operators pass. A person must still be one: otherwise a former operator could take the role back until the token ends. */
  const presentOperator: [RequestHandler, RequestHandler] = [
    operator,
    async (req, _res, next) => {
      if (!isPerson(req.principal)) return next();
      const { roles } = await manageUsers.signedIn(req.principal.id);
      next(roles.includes('operator') ? undefined : refusal(req, 'an operator'));
    },
  ];

  router
    .route('/.well-known/jwks.json')
    .get(async (_req, res) => void res.json(await keys.published()))
    .all(methodNotAllowed('GET'));

  router
    .route('/api/identity/sign-up')
    .post(async (req, res) => {
      await signIn.signUp(parse(accountBody, req.body), addressOf(req));
      res.status(202).json({ message: SIGN_UP_MESSAGE });
    })
    .all(methodNotAllowed('POST'));

  router
    .route('/api/identity/sign-in')
    .post(async (req, res) => {
      const body = parse(signInBody, req.body);
      res.json(await signIn.signIn(body, addressOf(req)).catch(refusedLate(req, res)));
    })
    .all(methodNotAllowed('POST'));

  router
    .route('/api/identity/refresh')
    .post(async (req, res) => void res.json(await sessions.refresh(parse(refreshBody, req.body).refresh_token)))
    .all(methodNotAllowed('POST'));

  router
    .route('/api/identity/sign-out')
    .post(async (req, res) => {
      const { refresh_token, everywhere } = parse(signOutBody, req.body);
      await sessions.end(refresh_token, everywhere);
      res.status(204).end();
    })
    .all(methodNotAllowed('POST'));

  router
    .route('/api/identity/password')
    .post(person, async (req, res) => {
      const { current_password, new_password } = parse(changePasswordBody, req.body);
      const user = await manageUsers.signedIn(req.principal.id);
      const asking = { address: addressOf(req), actor: auditedAs(req.principal) };
      const changing = signIn.changePassword(user, current_password, new_password, asking);
      res.json(await changing.catch(refusedLate(req, res)));
    })
    .all(methodNotAllowed('POST'));

  router
    .route('/api/me')
    .get(person, async (req, res) => {
      res.json({ user: userOf(await manageUsers.signedIn(req.principal.id)) });
    })
    .all(methodNotAllowed('GET'));

  router
    .route('/api/identity/bootstrap')
    .post(machine, async (req, res) => {
      const user = await manageUsers.bootstrap(parse(accountBody, req.body), auditedAs(req.principal));
      res.status(201).json({ user });
    })
    .all(methodNotAllowed('POST'));

  router
    .route('/api/identity/operator-sign-ins')
    .post(machine, async (req, res) => {
      await manageUsers.noteSignIn(parse(operatorSignInBody, req.body), addressOf(req), auditedAs(req.principal));
      res.status(204).end();
    })
    .all(methodNotAllowed('POST'));

  router
    .route('/api/identity/users')
    .get(...presentOperator, async (req, res) => {
      res.json(await manageUsers.list(parse(listUsersQuery, req.query, 'The query')));
    })
    .post(...presentOperator, async (req, res) => {
      const user = await manageUsers.create(parse(createUserBody, req.body), auditedAs(req.principal));
      res.status(201).json({ user });
    })
    .all(methodNotAllowed('GET', 'POST'));

  router
    .route('/api/identity/users/:user_id')
    .patch(...presentOperator, async (req, res) => {
      const { user_id } = parse(userParams, req.params, 'The path');
      res.json({ user: await manageUsers.change(user_id, parse(changeUserBody, req.body), auditedAs(req.principal)) });
    })
    .all(methodNotAllowed('PATCH'));

  return router;
}
