import { z } from 'zod';

/** The longest deadline a caller may name in `X-Request-Deadline-Ms`. */
export const MAX_DEADLINE_MS = 3_600_000;
/** The most commands in one request to a participant. */
export const MAX_COMMANDS_PER_REQUEST = 256;
/** The longest line of such a request: an order of the most items, with the longest ids. */
export const MAX_COMMAND_BYTES = 8 * 1024;

/** What a participant decided about an order, once. */
export const DECISION_OUTCOMES = ['applied', 'refused', 'voided'] as const;
export type DecisionOutcome = (typeof DECISION_OUTCOMES)[number];

/** What every command to a participant carries beside its order. */
export const travel = {
  attempt: z.int().min(1),
  deadline_ms: z.int().min(0).describe('Milliseconds until the caller stops waiting.'),
  request_id: z.string().max(128),
  traceparent: z.string().max(64).optional().describe('W3C trace context of the request this command belongs to.'),
};

/** The line that answers a command which was not decided. */
const commandError = z.object({
  index: z.int().min(0),
  order_id: z.string().optional().describe('The order of the command, if the line names one.'),
  error: z.object({ status: z.int(), code: z.string(), detail: z.string() }),
});

/** One line of a participant's reply, written as soon as that command is answered. */
export const replyOf = <D extends z.ZodType<{ order_id: string }>>(decision: D, id: string) =>
  z.union([z.object({ index: z.int().min(0), decision }), commandError]).meta({
    id,
    description:
      '`index` is the number of the command it answers, from 0: empty lines do not count. A decision names its order. A ' +
      'command that cannot be read is answered with an error on its own line.',
  });
