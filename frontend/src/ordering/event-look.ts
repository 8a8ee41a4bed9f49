import type { OrderEventType } from '@valerix/contracts';
import type { Look } from '../ui/status.tsx';
import { ORDER_STATUS } from './order-status.ts';

/** The look of each event in lists. An event that tells of a status looks like that status. */
export const EVENT_LOOK: Record<OrderEventType, Look> = {
  'order.created': { tone: 'info', word: 'created', icon: 'plus' },
  'order.confirmed': ORDER_STATUS.confirmed.look,
  'order.queued': ORDER_STATUS.queued.look,
  'order.compensating': ORDER_STATUS.compensating.look,
  'order.failed': ORDER_STATUS.failed.look,
  'order.cancelling': ORDER_STATUS.cancelling.look,
  'order.cancelled': ORDER_STATUS.cancelled.look,
  'order.retry_scheduled': { tone: 'warn', word: 'will retry', icon: 'retry' },
  'order.dead_lettered': { tone: 'bad', word: 'dead letter', icon: 'warn' },
  'chaos.fault_fired': { tone: 'warn', word: 'fault fired', icon: 'chaos' },
  'order.redriven': { tone: 'info', word: 'requeued', icon: 'retry' },
};
