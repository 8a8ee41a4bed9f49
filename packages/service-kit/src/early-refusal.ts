import type { IncomingMessage, RequestListener } from 'node:http';
import type { ChaosHttp } from './chaos/service-chaos.ts';
import type { Lifecycle } from './lifecycle.ts';
import type { RequestLabels } from './metrics.ts';
import { type ProblemError, sendProblem } from './problem.ts';
import { nameRequest } from './request-context.ts';
import { SECURITY_HEADERS } from './security-headers.ts';

/** @returns why the request is refused, and the route it asked for; undefined to let it in */
export type EarlyRefusal = (
  req: IncomingMessage,
) => { problem: ProblemError; method: string; route: string } | undefined;

interface Served {
  lifecycle: Pick<Lifecycle, 'state'>;
  chaos?: Pick<ChaosHttp, 'isStill'> | undefined;
  metrics: { countAtOnce(labels: RequestLabels): void };
}

/**
 * Puts refusals in front of an application: the same answer, headers and metrics as behind its middleware, but for `RateLimit`, and for a
 * fraction of the CPU. The body is not read, and the connection stays. In a crowd, most of the work of a busy process is to refuse (ADR 19).
 */
export function refusingEarly(
  app: RequestListener,
  refusalOf: EarlyRefusal,
  { lifecycle, chaos, metrics }: Served,
): RequestListener {
  return (req, res) => {
    const refusal = refusalOf(req);
    if (!refusal || chaos?.isStill()) return app(req, res);
    const goElsewhere = lifecycle.state === 'draining' ? ['Connection', 'close'] : [];
    sendProblem(res, refusal.problem, [...SECURITY_HEADERS, 'X-Request-Id', nameRequest(req), ...goElsewhere]);
    const { method, route, problem } = refusal;
    metrics.countAtOnce({ method, route, status_code: String(problem.entry.status) });
  };
}
