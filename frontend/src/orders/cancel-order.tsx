'use client';

import { useQueryClient } from '@tanstack/react-query';
import type { Order } from '@valerix/contracts';
import { useState } from 'react';
import { act } from '../browser/http.ts';

/** Cancelling asks once more before it acts. Safe to repeat: a second cancellation changes nothing. */
export function CancelOrder({ order }: { order: Order }) {
  const client = useQueryClient();
  const [step, setStep] = useState<'idle' | 'sure' | 'busy'>('idle');
  const [error, setError] = useState<string | null>(null);
  if (order.status !== 'confirmed' && order.status !== 'queued' && order.status !== 'pending') return null;
  const cancel = async () => {
    setStep('busy');
    setError(null);
    try {
      await act('POST', `/api/orders/${order.id}/cancel`);
    } catch (problem) {
      setError(problem instanceof Error ? problem.message : String(problem));
    }
    setStep('idle');
    await client.invalidateQueries({ queryKey: ['order', order.id] });
  };
  return (
    <>
      {step === 'sure' ? (
        <>
          <button className="button button-small button-danger" onClick={cancel} type="button">
            Yes, cancel the order
          </button>
          <button className="button button-small" onClick={() => setStep('idle')} type="button">
            Keep it
          </button>
        </>
      ) : (
        <button
          className="button button-small button-danger"
          disabled={step === 'busy'}
          onClick={() => setStep('sure')}
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
    </>
  );
}
