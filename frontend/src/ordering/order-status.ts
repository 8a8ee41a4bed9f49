import type { OrderStatus } from '@valerix/contracts';
import type { IconName } from '../ui/icons.tsx';
import type { Tone } from '../ui/status.tsx';

interface StatusMeaning {
  readonly tone: Tone;
  readonly icon?: IconName;
  /** What its badge and its filter say. */
  readonly word: string;
  /** The system still has something to do. */
  readonly moving: boolean;
  /** A cancellation can be asked for. */
  readonly cancellable: boolean;
}

/** What the dashboard says about each status of an order: its one place. */
export const ORDER_STATUS: Record<OrderStatus, StatusMeaning> = {
  pending: { tone: 'info', word: 'pending', moving: true, cancellable: true },
  confirmed: { tone: 'ok', word: 'confirmed', moving: false, cancellable: true },
  queued: { tone: 'warn', icon: 'wait', word: 'queued', moving: true, cancellable: true },
  failed: { tone: 'bad', word: 'failed', moving: false, cancellable: false },
  cancelling: { tone: 'info', word: 'cancelling', moving: true, cancellable: false },
  cancelled: { tone: 'unknown', icon: 'minus', word: 'cancelled', moving: false, cancellable: false },
};

/** Whether the system still has something to do for this order. */
export const isMoving = ({ status }: { status: OrderStatus }): boolean => ORDER_STATUS[status].moving;
