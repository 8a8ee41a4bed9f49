import type { RefusalReason } from '@valerix/contracts';

export const REASONS: Record<RefusalReason, string> = {
  OUT_OF_STOCK: 'out of stock',
  ITEM_NOT_FOUND: 'unknown item',
  ORDER_VOIDED: 'cancelled first',
  PRICE_CHANGED: 'price changed',
  CURRENCIES_DIFFER: 'more than one currency',
  CARD_DECLINED: 'card declined',
  INSUFFICIENT_FUNDS: 'not enough on the card',
  PAYMENT_DECLINED: 'payment declined',
  PAYMENT_TIMEOUT: 'payment took too long',
};
