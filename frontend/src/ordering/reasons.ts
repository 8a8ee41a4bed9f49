import type { RefusalReason } from '@valerix/contracts';

export const REASONS: Record<RefusalReason, string> = {
  OUT_OF_STOCK: 'out of stock',
  ITEM_NOT_FOUND: 'unknown item',
  ORDER_VOIDED: 'cancelled first',
};
