/** An error as one sentence; with its stack trace only if it is a programming error. */
export function explain(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if ([TypeError, ReferenceError, RangeError].some((defect) => error instanceof defect)) {
    return error.stack ?? error.message;
  }
  // A connection refused by every address of a host: the message is empty, the inner errors hold the reasons.
  if (error instanceof AggregateError) return error.errors.map(explain).join('; ');
  return error.message;
}
