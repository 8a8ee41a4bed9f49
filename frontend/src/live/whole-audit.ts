import { auditEntry, auditPage } from '@valerix/contracts';
import { z } from 'zod';

/** A page of the operators' actions at all services. */
export const wholeAudit = auditPage.extend({
  items: z.array(auditEntry.extend({ service: z.string() })),
  /** The services whose audit could not be read. */
  unread: z.array(z.string()),
});
export type WholeAudit = z.infer<typeof wholeAudit>;
