import type { AuditEntry, AuditPage } from '@valerix/contracts';

/** A page of the operators' actions at all services. */
export interface WholeAudit extends Pick<AuditPage, 'next_cursor'> {
  readonly items: ReadonlyArray<AuditEntry & { readonly service: string }>;
  /** The services whose audit could not be read. */
  readonly unread: readonly string[];
}
