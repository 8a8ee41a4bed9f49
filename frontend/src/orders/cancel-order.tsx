import type { Order } from '@valerix/contracts';
import { useState } from 'react';
import { useAction } from '../browser/use-task.ts';
import { ORDER_STATUS } from '../ordering/order-status.ts';
import { Confirm } from '../ui/controls.tsx';

/** Safe to repeat: a second cancellation changes nothing. */
export function CancelOrder({ order: { order_id: id, status } }: { order: Order }) {
  const action = useAction(['order', id]);
  const [asked, setAsked] = useState(false);
  const open = ORDER_STATUS[status].cancellable;
  if (!open && !asked) return null;
  const cancel = () => {
    setAsked(true);
    return action.send('POST', `/api/orders/${id}/cancel`);
  };
  const accepted = action.error === null ? 'The cancellation was accepted.' : '';
  return (
    <Confirm
      act={cancel}
      action={action}
      busyText="Cancelling"
      done={open ? undefined : <span className="sr-only">{accepted}</span>}
      no="Keep it"
      small
      text="Cancel the order"
      yes="Yes, cancel the order"
    />
  );
}
