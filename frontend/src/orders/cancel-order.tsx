'use client';

import { useQueryClient } from '@tanstack/react-query';
import type { Order } from '@valerix/contracts';
import { useEffect, useRef, useState } from 'react';
import { act } from '../browser/http.ts';
import { ORDER_STATUS } from '../ui/status.tsx';

/**
 * Cancelling asks once more before it acts. Safe to repeat: a second cancellation changes nothing. The focus stays
 * here as one button makes way for the next.
 */
export function CancelOrder({ order }: { order: Order }) {
  const client = useQueryClient();
  const [step, setStep] = useState<'idle' | 'sure' | 'busy'>('idle');
  const [error, setError] = useState<string | null>(null);
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
  }, [step, open]);
  const go = (next: typeof step) => {
    pressed.current = true;
    setStep(next);
  };
  const cancel = async () => {
    go('busy');
    setError(null);
    try {
      await act('POST', `/api/orders/${order.order_id}/cancel`);
      setAsked(true);
    } catch (problem) {
      setError(problem instanceof Error ? problem.message : String(problem));
    }
    // The button comes back only if the order, read again, can still be cancelled.
    await client.invalidateQueries({ queryKey: ['order', order.order_id] });
    setStep('idle');
  };
  if (!open && !asked) return null;
  return (
    <span className="inline-flex flex-wrap items-center gap-2 outline-none" ref={place} tabIndex={-1}>
      {!open ? <span className="sr-only">The cancellation was accepted.</span> : null}
      {!open ? null : step === 'sure' ? (
        <>
          <button className="button button-small button-danger" onClick={cancel} type="button">
            Yes, cancel the order
          </button>
          <button className="button button-small" onClick={() => go('idle')} type="button">
            Keep it
          </button>
        </>
      ) : (
        <button
          className="button button-small button-danger"
          disabled={step === 'busy'}
          onClick={() => go('sure')}
          type="button"
        >
          {step === 'busy' ? 'Cancelling' : 'Cancel the order'}
        </button>
      )}
      {error === null ? null : (
        <span className="text-bad" role="alert">
          {error}
        </span>
      )}
    </span>
  );
}
