/** The queue is counted up to this number, which means "this many or more". Here, without zod, for pages that must be light. */
export const QUEUE_COUNT_LIMIT = 10_000;
