import {
  type Command,
  type CommandReply,
  command,
  MAX_COMMANDS_PER_REQUEST,
  orderId,
  readLine,
} from '@valerix/contracts';
import { deadlineIn } from '@valerix/service-kit/deadline';
import type { Logger } from '@valerix/service-kit/logger';
import { NoAnswer, parse, problemOf } from '@valerix/service-kit/problem';
import type { RequestHandler, Response } from 'express';
import { z } from 'zod';
import type { DecideOrder } from './decide-orders.ts';
import { problem, translateError } from './errors.ts';

const lineList = z.array(z.string()).min(1).max(MAX_COMMANDS_PER_REQUEST);
const named = z.object({ order_id: orderId });

/**
 * `POST /api/inventory/commands`: many orders in one request, one JSON document per line. Each is decided on its own, and its line
 * of the reply is written as soon as its decision is known, so a slow, lost or unreadable command delays no other order.
 */
export function commandStream(decideOrder: DecideOrder): RequestHandler {
  return async (req, res) => {
    const batch = parse(lineList, linesOf(req.body), 'The command list');
    res.status(200).set('Content-Type', 'application/x-ndjson');
    const lines = lineWriter(res);
    await Promise.all(
      batch.map(async (line, index) => {
        lines.write(await answerLine(decideOrder, line, index, req.parentLog));
      }),
    );
    lines.end();
  };
}

function linesOf(body: unknown): string[] {
  if (typeof body !== 'string') {
    throw problem('UNSUPPORTED_MEDIA_TYPE', 'Send one command a line, with Content-Type: application/x-ndjson.');
  }
  return body.split('\n').filter((line) => line !== '');
}

async function answerLine(decideOrder: DecideOrder, line: string, index: number, log: Logger): Promise<CommandReply> {
  let entry: Command;
  try {
    entry = parse(command, parseJson(line), 'The command');
  } catch (error) {
    const reply = { index, ...readLine(named, line), error: errorOf(error) };
    log.warn(reply, 'a command could not be read');
    return reply;
  }
  const reply = await answer(decideOrder, entry, index, log);
  log.debug({ request_id: entry.request_id, traceparent: entry.traceparent, ...reply }, 'command answered');
  return reply;
}

function parseJson(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    throw problem('MALFORMED_JSON', 'The line is not valid JSON.');
  }
}

/** An error of one command gets its own line; the other commands of the request are still answered. */
async function answer(decideOrder: DecideOrder, entry: Command, index: number, log: Logger): Promise<CommandReply> {
  try {
    return { index, decision: await decideOrder(entry, deadlineIn(entry.deadline_ms)) };
  } catch (error) {
    // A cut connection ends every command on it.
    if (error instanceof NoAnswer) throw error;
    const known = problemOf(error, translateError);
    const { code, message: detail, cause } = known;
    if (code === 'INTERNAL_ERROR') log.error({ err: cause, request_id: entry.request_id, code }, detail);
    return { index, order_id: entry.order_id, error: { status: known.entry.status, code, detail } };
  }
}

function errorOf(error: unknown) {
  const { entry, code, message } = problemOf(error, translateError);
  return { status: entry.status, code, detail: message };
}

/** Lines written in the same turn of the event loop leave in one packet. */
function lineWriter(res: Response) {
  let pending = '';
  const flush = () => {
    if (pending !== '') res.write(pending);
    pending = '';
  };
  return {
    write(reply: CommandReply): void {
      if (pending === '') setImmediate(flush);
      pending += `${JSON.stringify(reply)}\n`;
    },
    // If no line has left yet, the whole reply is one packet of known length.
    end(): void {
      const last = pending;
      pending = '';
      res.end(last);
    },
  };
}
