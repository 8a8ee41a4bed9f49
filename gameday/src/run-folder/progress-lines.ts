import { gamedayTick, gamedayVerdict } from '@valerix/contracts';
import { z } from 'zod';

/** The first line of `progress.jsonl`: the run, and the process that carries it out. */
export const startLine = z.object({
  type: z.literal('start'),
  experiment: z.string(),
  title: z.string(),
  seed: z.number(),
  rate: z.number(),
  duration_s: z.number(),
  started_at: z.string(),
  started_by: z.enum(['laboratory', 'terminal']),
  pid: z.int(),
  /** Tells the process from a later process with the same pid. */
  identity: z.string(),
});
export type StartLine = z.infer<typeof startLine>;

const progressLine = gamedayTick.extend({ type: z.literal('progress') });

const endLine = z.object({ type: z.literal('end'), verdict: gamedayVerdict });
/** It could not be run at all. */
const failedLine = z.object({ type: z.literal('failed'), message: z.string() });

const anyLine = z.discriminatedUnion('type', [startLine, progressLine, endLine, failedLine]);
export type RunLine = z.infer<typeof anyLine>;

/** A line of `progress.jsonl`; undefined for a torn line, or one that this version does not know. */
export function parseRunLine(text: string): RunLine | undefined {
  try {
    return anyLine.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}
