'use client';

import { useQueryClient } from '@tanstack/react-query';
import type { Order } from '@valerix/contracts';
import { useEffect, useRef, useState } from 'react';
import { act } from '../browser/http.ts';
import { useTask } from '../browser/use-task.ts';
import { ORDER_STATUS } from '../ordering/order-status.ts';
import { Alert } from '../ui/forms.tsx';

/**
 * Cancelling asks once more before it acts. Safe to repeat: a second cancellation changes nothing. The focus stays
 * here as one button makes way for the next.
 */
export function CancelOrder({ order }: { order: Order }) {
  const client = useQueryClient();
  const { busy, error, run } = useTask();
  const [sure, setSure] = useState(false);
  const [asked, setAsked] = useState(false);
  const place = useRef<HTMLSpanElement>(null);
  const pressed = useRef(false);
  const open = ORDER_STATUS[order.status].cancellable;
  // biome-ignore lint/correctness/useExhaustiveDependencies: each step and the end replace what had the focus
  useEffect(() => {
    const { activeElement, body } = document;
    const lost = activeElement === body || place.current?.contains(activeElement);
    if (!pressed.current || !lost) return;
    (place.current?.querySelector<HTMLElement>('button:enabled') ?? place.current)?.focus();
  }, [sure, busy, open]);
  const ask = (next: boolean) => {
    pressed.current = true;
    setSure(next);
  };
  const cancel = () => {
    ask(false);
    return run(async () => {
      try {
        await act('POST', `/api/orders/${order.order_id}/cancel`);
        setAsked(true);
      } finally {
        // The button comes back only if the order, read again, can still be cancelled.
        await client.invalidateQueries({ queryKey: ['order', order.order_id] });
      }
    });
  };
  if (!open && !asked) return null;
  return (
    <span className="inline-flex flex-wrap items-center gap-2 outline-none" ref={place} tabIndex={-1}>
      {!open ? <span className="sr-only">The cancellation was accepted.</span> : null}
      {!open ? null : sure ? (
        <>
          <button className="button button-small button-danger" onClick={() => void cancel()} type="button">
            Yes, cancel the order
          </button>
          <button className="button button-small" onClick={() => ask(false)} type="button">
            Keep it
          </button>
        </>
      ) : (
        <button className="button button-small button-danger" disabled={busy} onClick={() => ask(true)} type="button">
          {busy ? 'Cancelling' : 'Cancel the order'}
        </button>
      )}
      <Alert error={error} />
    </span>
  );
}
