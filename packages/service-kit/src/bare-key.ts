const QUOTED = /^"(?:[^"\\]|\\["\\])*"$/;

/** The key of an `Idempotency-Key` header, which is sent bare or as a quoted string (RFC 8941, section 3.3.3). */
export function bareKey(header: string): string {
  return QUOTED.test(header) ? header.slice(1, -1).replace(/\\(["\\])/g, '$1') : header;
}
