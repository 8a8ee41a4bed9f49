import type { Server } from 'node:http';
import type { AddressInfo, Socket, Server as SocketServer } from 'node:net';
import type { RequestHandler, Response } from 'express';
import { pause } from './backoff.ts';
import { closeDoors, openDoors } from './doors.ts';
import type { Logger } from './logger.ts';
import { UnderWay } from './under-way.ts';

export interface LifecycleOptions {
  logger: Logger;
  /**
   * The longest a graceful stop may take, milliseconds; then the process exits with code 1. When the server stops, its requests
   * get two thirds of the remaining time; then their connections are cut, which leaves the rest to the later steps.
   */
  graceMs: number;
  /** How long to keep serving after readiness went off, milliseconds. */
  delayMs: number;
}

interface Step {
  name: string;
  run: () => unknown;
}

/** Start, readiness and graceful stop of one process. */
export class Lifecycle {
  readonly #options: LifecycleOptions;
  readonly #steps: Step[] = [];
  #state: 'starting' | 'ready' | 'draining' = 'starting';
  #stopping: Promise<void> | undefined;
  readonly #underWay = new UnderWay<Response>();
  /** When the grace ends, on the clock of `performance.now()`. */
  #overdueAt = 0;

  constructor(options: LifecycleOptions) {
    this.#options = options;
  }

  get state() {
    return this.#state;
  }

  /** Registers a step of the stop. Steps run one after another, in the order they were registered. */
  onStop(name: string, run: () => unknown): void {
    this.#steps.push({ name, run });
  }

  /** Listens, and registers "stop accepting, finish running requests" as a step. */
  async listen(server: Server, port: number, host: string): Promise<number> {
    const sockets = new Set<Socket>();
    server.on('connection', (socket) => {
      sockets.add(socket);
      socket.once('close', () => sockets.delete(socket));
    });
    const doors = await openDoors(server, port, host);
    this.onStop('http server', () => this.#close(server, doors, sockets));
    const address = server.address() as AddressInfo;
    this.#options.logger.info({ host: address.address, port: address.port }, 'listening');
    return address.port;
  }

  /** Allows `/readyz` to answer 200. */
  ready(): void {
    this.#state = 'ready';
  }

  /** Stops on SIGTERM and SIGINT, at once on the second; an uncaught defect ends the process. */
  handleSignals(): void {
    for (const signal of ['SIGTERM', 'SIGINT'] as const) {
      process.on(signal, () => {
        if (this.#stopping) process.exit(1);
        this.#options.logger.info({ signal }, 'stopping');
        void this.stop().then(() => process.exit(0));
      });
    }
    const die = (error: unknown) => {
      this.#options.logger.fatal({ err: error }, 'uncaught error');
      process.exit(1);
    };
    process.on('uncaughtException', die);
    process.on('unhandledRejection', die);
  }

  /** Readiness off, a pause for the load balancer, then every step. Repeated calls share one stop. */
  stop(): Promise<void> {
    this.#stopping ??= this.#stop();
    return this.#stopping;
  }

  async #stop(): Promise<void> {
    const { logger, graceMs, delayMs } = this.#options;
    this.#state = 'draining';
    // Such a connection would stay for the keep-alive timeout after its answer, and the server with it.
    for (const res of this.#underWay) if (!res.headersSent) res.setHeader('Connection', 'close');
    const overdue = setTimeout(() => {
      logger.error({ grace_ms: graceMs }, 'the graceful stop took too long');
      process.exit(1);
    }, graceMs + delayMs);
    this.#overdueAt = performance.now() + graceMs + delayMs;
    await pause(delayMs);
    for (const step of this.#steps) {
      try {
        await step.run();
        logger.debug({ step: step.name }, 'stopped');
      } catch (error) {
        logger.warn({ err: error, step: step.name }, 'a step of the stop failed');
      }
    }
    clearTimeout(overdue);
    logger.info('stopped');
  }

  async #close(server: Server, doors: SocketServer[], sockets: Set<Socket>): Promise<void> {
    const limitMs = ((this.#overdueAt - performance.now()) * 2) / 3;
    const cut = setTimeout(() => {
      this.#options.logger.warn(
        { connections: sockets.size },
        'requests did not end in time: their connections are cut',
      );
      server.closeAllConnections();
    }, limitMs);
    const closed = closeDoors(doors);
    // `close` ends connections between requests, but counts a connection that never sent a byte as busy.
    for (const socket of sockets) if (socket.bytesRead === 0) socket.destroy();
    await closed.finally(() => clearTimeout(cut));
  }

  /** While draining, tells keep-alive clients to go elsewhere for their next request, also in answers already under way. */
  closeConnectionsWhileDraining: RequestHandler = (_req, res, next) => {
    if (this.#state === 'draining') res.setHeader('Connection', 'close');
    res.once('close', this.#underWay.add(res));
    next();
  };
}
