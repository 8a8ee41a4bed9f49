import type { z } from 'zod';

/** The message for each field of a request body that its schema refuses. */
export function wrongFields(schema: z.ZodType, body: unknown): Partial<Record<string, string>> {
  const issues = schema.safeParse(body).error?.issues ?? [];
  return Object.fromEntries(issues.map(({ path, message }) => [path.join('.'), message]));
}
