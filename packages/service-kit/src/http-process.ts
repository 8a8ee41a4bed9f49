import { createServer } from 'node:http';
import type { Express } from 'express';
import type { HttpProcessConfig } from './env.ts';
import { Lifecycle } from './lifecycle.ts';
import { createLogger } from './logger.ts';
import { createRegistry } from './metrics.ts';
import { requireOperator } from './operator-auth.ts';

export type HttpProcess = ReturnType<typeof startHttpProcess>;

/** Opens a process with an HTTP interface: logger, signals, metrics. From here on SIGTERM stops it in order. */
export function startHttpProcess(name: string, config: HttpProcessConfig) {
  const logger = createLogger({ service: name, replica: config.REPLICA, level: config.LOG_LEVEL });
  const lifecycle = new Lifecycle({
    logger,
    graceMs: config.SHUTDOWN_GRACE_MS,
    delayMs: config.SHUTDOWN_DELAY_MS,
  });
  lifecycle.handleSignals();
  return {
    name,
    logger,
    lifecycle,
    registry: createRegistry(),
    /** Lets a request pass if it carries the operator's token. */
    operator: requireOperator(config.OPERATOR_TOKEN),

    /** Listens. At a stop, the server drains in the order in which the steps were registered. @returns the port */
    listen: (app: Express): Promise<number> => lifecycle.listen(createServer(app), config.PORT, config.HOST),

    /** Allows `/readyz` to answer 200. */
    ready: (): void => lifecycle.ready(),
  };
}
