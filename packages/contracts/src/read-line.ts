import type { z } from 'zod';

/**
 * Reads one JSON document of many that arrive together: a line of a request or reply, an entry of a Redis stream, a report.
 * @returns undefined if it is not JSON or does not fit the schema: one bad line does not affect its neighbours
 */
export function readLine<S extends z.ZodType>(schema: S, text: string | undefined): z.infer<S> | undefined {
  try {
    return schema.safeParse(JSON.parse(text ?? '')).data;
  } catch {
    return undefined;
  }
}
