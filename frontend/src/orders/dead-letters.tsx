'use client';

import { useQuery, useQueryClient } from '@tanstack/react-query';
import { type Order, queueState } from '@valerix/contracts';
import Link from 'next/link';
import { useState } from 'react';
import { formatCount, formatTime, shortId } from '../browser/format.ts';
import { useFreshState, useLive, useSession } from '../browser/hooks.ts';
import { act, fetchJson } from '../browser/http.ts';
import { onceOnly } from '../browser/once-only.ts';
import { wasRead } from '../overview/service-health.ts';
import { Note } from '../ui/parts.tsx';
import { SignInHint } from '../ui/session-menu.tsx';

const SHOWN = 10;

/**
 * Orders the worker gave up on. They are kept, and an operator can have them tried again. Nothing shows without any.
 * While their number is unknown the last known one stays, and that is said.
 */
export function DeadLetters() {
  const { state } = useLive();
  const present = useFreshState()?.queue?.dead_lettered ?? null;
  const [last, setLast] = useState<number | null>(null);
  if (present !== null && present !== last) setLast(present);
  const count = present ?? last ?? 0;
  const { operator } = useSession();
  const queue = useQuery({
    queryKey: ['queue'],
    enabled: count > 0,
    queryFn: ({ signal }) => fetchJson(queueState, 'GET', '/api/queue', { signal }),
    refetchInterval: 3_000,
  });
  const service = state?.services.find((one) => one.name === 'order-service');
  const unknown = service !== undefined && wasRead(service) && present === null;
  if (count === 0) {
    return unknown ? (
      <div className="mb-3">
        <Note tone="unknown">How many orders wait for an operator is not known at present.</Note>
      </div>
    ) : null;
  }
  const letters = (queue.data?.dead_letters ?? []).slice(0, SHOWN);
  const more = letters.length === 0 ? 0 : count - letters.length;
  return (
    <div className="mb-3">
      <Note tone="bad">
        <p className="font-medium">
          {formatCount(count)} {count === 1 ? 'order' : 'orders'} could not be settled and{' '}
          {count === 1 ? 'waits' : 'wait'} for an operator
        </p>
        {unknown ? <p className="text-muted">As known last: the present number is unknown.</p> : null}
        <ul className="mt-1 space-y-1">
          {letters.map((order) => (
            <DeadLetter canRedrive={operator === true} key={order.order_id} order={order} />
          ))}
          {more > 0 ? <li className="text-muted">and {formatCount(more)} more</li> : null}
        </ul>
        {operator === false ? <SignInHint what="have them tried again" /> : null}
      </Note>
    </div>
  );
}

function DeadLetter({ order, canRedrive }: { order: Order; canRedrive: boolean }) {
  const client = useQueryClient();
  const [state, setState] = useState<'idle' | 'busy' | 'done' | string>('idle');
  const redrive = async () => {
    setState('busy');
    try {
      await act('POST', `/api/queue/${order.order_id}/redrive`);
      setState('done');
      await client.invalidateQueries({ queryKey: ['queue'] });
    } catch (error) {
      setState(error instanceof Error ? error.message : String(error));
    }
  };
  return (
    <li className="flex flex-wrap items-center gap-2">
      <Link className="link font-mono text-[0.92rem]" href={`/orders/${order.order_id}`}>
        {shortId(order.order_id)}
      </Link>
      <span className="text-muted">
        {order.attempts} {order.attempts === 1 ? 'try' : 'tries'}, given up at{' '}
        {order.dead_lettered_at ? formatTime(order.dead_lettered_at) : '–'}
      </span>
      {canRedrive ? (
        <button
          className="button button-small"
          disabled={state === 'busy'}
          onClick={onceOnly(() => void redrive())}
          type="button"
        >
          Try again
        </button>
      ) : null}
      {state === 'idle' || state === 'busy' ? null : (
        <span role="status">{state === 'done' ? 'Redriven.' : state}</span>
      )}
    </li>
  );
}
