import { z } from 'zod';

/** Text of at most `max` characters that PostgreSQL can store: it refuses NUL and halves of a surrogate pair. */
export const keptText = (max: number) =>
  z
    .string()
    .max(max)
    .refine((text) => text.isWellFormed() && !text.includes('\0'), 'must not contain NUL or half a character');

/** Text typed by a person, of 1 to `max` characters. */
export const writtenText = (max: number) => keptText(max).min(1);
