import type { OrderEventType } from '@valerix/contracts';
import type { IconName } from '../ui/icons.tsx';
import type { Tone } from '../ui/status.tsx';

const LOOKS: Record<OrderEventType, { tone: Tone; word: string; icon?: IconName }> = {
  'order.created': { tone: 'info', word: 'created', icon: 'plus' },
  'order.confirmed': { tone: 'ok', word: 'confirmed' },
  'order.queued': { tone: 'warn', word: 'queued', icon: 'wait' },
  'order.failed': { tone: 'bad', word: 'failed' },
  'order.cancelling': { tone: 'info', word: 'cancelling' },
  'order.cancelled': { tone: 'unknown', word: 'cancelled', icon: 'minus' },
  'order.retry_scheduled': { tone: 'warn', word: 'will retry', icon: 'retry' },
  'order.dead_lettered': { tone: 'bad', word: 'dead letter', icon: 'warn' },
  'chaos.fault_fired': { tone: 'warn', word: 'fault fired', icon: 'chaos' },
  'order.redriven': { tone: 'info', word: 'redriven', icon: 'retry' },
};

export function eventLook(type: OrderEventType) {
  return LOOKS[type];
}
