import { MAX_COMMAND_BYTES, MAX_COMMANDS_PER_REQUEST, orderId, readLine } from '@valerix/contracts';
import type { RequestHandler, Response } from 'express';
import { z } from 'zod';
import { type Deadline, deadlineIn } from './deadline.ts';
import type { Logger } from './logger.ts';
import { commonProblem, NoAnswer, type ProblemError, parse, problemOf } from './problem.ts';

/** What every command says, whatever it asks for. */
interface AnyCommand {
  order_id: string;
  deadline_ms: number;
  request_id: string;
  traceparent?: string | undefined;
}

type Reply<D> =
  | { index: number; decision: D }
  | { index: number; order_id?: string; error: { status: number; code: string; detail: string } };

export interface CommandStreamOptions<C extends AnyCommand, D> {
  /** The schema of one line. */
  command: z.ZodType<C>;
  /** Answers one command with its decision. */
  decide(command: NoInfer<C>, deadline: Deadline): Promise<D>;
  translateError: (error: unknown) => ProblemError | undefined;
}

const lineList = z.array(z.string()).min(1).max(MAX_COMMANDS_PER_REQUEST);
const named = z.object({ order_id: orderId });
const nameIn = (line: string) => (line.length > MAX_COMMAND_BYTES ? undefined : readLine(named, line));

/**
 * A participant's `POST …/commands`: many orders in one request, one JSON document per line. Each is decided on its own, and its line
 * of the reply is written as soon as its decision is known, so a slow, lost or unreadable command delays no other order.
 */
export function commandStream<C extends AnyCommand, D>(options: CommandStreamOptions<C, D>): RequestHandler {
  return async (req, res) => {
    const batch = parse(lineList, linesOf(req.body), 'The command list');
    res.status(200).set('Content-Type', 'application/x-ndjson');
    const lines = lineWriter<D>(res);
    await Promise.all(
      batch.map(async (line, index) => {
        lines.write(await answerLine(options, line, index, req.parentLog));
      }),
    );
    lines.end();
  };
}

function linesOf(body: unknown): string[] {
  if (typeof body !== 'string') {
    throw commonProblem('UNSUPPORTED_MEDIA_TYPE', 'Send one command a line, with Content-Type: application/x-ndjson.');
  }
  return body.split('\n').filter((line) => line !== '');
}

async function answerLine<C extends AnyCommand, D>(
  options: CommandStreamOptions<C, D>,
  line: string,
  index: number,
  log: Logger,
): Promise<Reply<D>> {
  let entry: C;
  try {
    entry = parse(options.command, parseJson(line), 'The command');
  } catch (error) {
    const reply = { index, ...nameIn(line), error: errorOf(problemOf(error, options.translateError)) };
    log.warn(reply, 'a command could not be read');
    return reply;
  }
  const reply = await answer(options, entry, index, log);
  log.debug({ request_id: entry.request_id, traceparent: entry.traceparent, ...reply }, 'command answered');
  return reply;
}

/** V8 dies of 66,000 arrays in each other, which no command needs. */
function parseJson(line: string): unknown {
  if (line.length > MAX_COMMAND_BYTES) throw commonProblem('MALFORMED_JSON', 'The line is longer than a command.');
  try {
    return JSON.parse(line);
  } catch {
    throw commonProblem('MALFORMED_JSON', 'The line is not valid JSON.');
  }
}

/** An error of one command gets its own line; the other commands of the request are still answered. */
async function answer<C extends AnyCommand, D>(
  { decide, translateError }: CommandStreamOptions<C, D>,
  entry: C,
  index: number,
  log: Logger,
): Promise<Reply<D>> {
  try {
    return { index, decision: await decide(entry, deadlineIn(entry.deadline_ms)) };
  } catch (error) {
    // A cut connection ends every command on it.
    if (error instanceof NoAnswer) throw error;
    const known = problemOf(error, translateError);
    const { code, message: detail, cause } = known;
    if (code === 'INTERNAL_ERROR') log.error({ err: cause, request_id: entry.request_id, code }, detail);
    return { index, order_id: entry.order_id, error: errorOf(known) };
  }
}

const errorOf = ({ entry, code, message }: ProblemError) => ({ status: entry.status, code, detail: message });

/** Lines written in the same turn of the event loop leave in one packet. */
function lineWriter<D>(res: Response) {
  let pending = '';
  const flush = () => {
    if (pending !== '') res.write(pending);
    pending = '';
  };
  return {
    write(reply: Reply<D>): void {
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
