import { z } from 'zod';

/** Text that somebody writes, of 1 to `max` characters that PostgreSQL can keep: it refuses NUL and halves of a surrogate pair. */
export const writtenText = (max: number) =>
  z
    .string()
    .min(1)
    .max(max)
    .refine((text) => text.isWellFormed() && !text.includes('\0'), 'must not contain NUL or half a character');
