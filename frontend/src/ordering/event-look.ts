import type { OrderEventType, OrderStatus } from '@valerix/contracts';
import type { IconName } from '../ui/icons.tsx';
import { ORDER_STATUS, type Tone } from '../ui/status.tsx';

const lookOf = (status: OrderStatus) => ({ ...ORDER_STATUS[status].look, word: status });

/** How each event of an order looks in lists. */
export const EVENT_LOOK: Record<OrderEventType, { tone: Tone; word: string; icon?: IconName }> = {
  'order.created': { tone: 'info', word: 'created', icon: 'plus' },
  'order.confirmed': lookOf('confirmed'),
  'order.queued': lookOf('queued'),
  'order.failed': lookOf('failed'),
  'order.cancelling': lookOf('cancelling'),
  'order.cancelled': lookOf('cancelled'),
  'order.retry_scheduled': { tone: 'warn', word: 'will retry', icon: 'retry' },
  'order.dead_lettered': { tone: 'bad', word: 'dead letter', icon: 'warn' },
  'chaos.fault_fired': { tone: 'warn', word: 'fault fired', icon: 'chaos' },
  'order.redriven': { tone: 'info', word: 'redriven', icon: 'retry' },
};
