/** What went wrong in words; the stack of a programming error only, where it helps. */
export function explain(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if ([TypeError, ReferenceError, RangeError].some((defect) => error instanceof defect)) {
    return error.stack ?? error.message;
  }
  // Refused by each address of a host: the message is empty, the reasons are within.
  if (error instanceof AggregateError) return error.errors.map(explain).join('; ');
  return error.message;
}
