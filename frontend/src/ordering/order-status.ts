import type { OrderStatus } from '@valerix/contracts';
import type { Look } from '../ui/status.tsx';

/** The look of each order status in badges, filters and events, and whether its page offers a cancellation. */
export const ORDER_STATUS: Record<OrderStatus, { readonly look: Look; readonly cancellable: boolean }> = {
  pending: { look: { tone: 'info', word: 'pending' }, cancellable: true },
  confirmed: { look: { tone: 'ok', word: 'confirmed' }, cancellable: true },
  queued: { look: { tone: 'warn', icon: 'wait', word: 'queued' }, cancellable: true },
  compensating: { look: { tone: 'warn', icon: 'wait', word: 'being undone' }, cancellable: false },
  failed: { look: { tone: 'bad', word: 'failed' }, cancellable: false },
  cancelling: { look: { tone: 'info', word: 'cancelling' }, cancellable: false },
  cancelled: { look: { tone: 'unknown', icon: 'minus', word: 'cancelled' }, cancellable: false },
};
