'use client';

import { type Order, queueState } from '@valerix/contracts';
import { useState } from 'react';
import { formatCount, formatTime, plural } from '../browser/format.ts';
import { useFreshState, useLive, useSession } from '../browser/hooks.ts';
import { onceOnly } from '../browser/once-only.ts';
import { useRead } from '../browser/use-read.ts';
import { useAction } from '../browser/use-task.ts';
import { OrderLink } from '../ordering/order-parts.tsx';
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
  const queue = useRead(['queue'], queueState, '/api/queue', { enabled: count > 0, every: 3_000 });
  const unknown = state !== null && wasRead(state.services.order) && present === null;
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
          {plural(count, 'order')} could not be settled and {count === 1 ? 'waits' : 'wait'} for an operator
        </p>
        {unknown ? <p className="text-muted">As known last: the present number is unknown.</p> : null}
        <ul className="mt-1 space-y-1">
          {letters.map((order) => (
            <DeadLetter canRedrive={operator === true} key={order.order_id} order={order} />
          ))}
          {more > 0 ? <li className="text-muted">and {formatCount(more)} more</li> : null}
        </ul>
        {operator === true && count > 1 ? <RequeueAll /> : null}
        {operator === false ? <SignInHint what="have them tried again" /> : null}
      </Note>
    </div>
  );
}

function RequeueAll() {
  const { busy, error, done, send } = useAction('queue');
  const requeue = () => send('POST', '/api/queue/redrive', { all: true }, 'Redriven.');
  return (
    <p className="mt-1 flex flex-wrap items-center gap-2">
      <button className="button button-small" disabled={busy} onClick={onceOnly(() => void requeue())} type="button">
        Try all again
      </button>
      <span role="status">{error?.message ?? done}</span>
    </p>
  );
}

function DeadLetter({ order, canRedrive }: { order: Order; canRedrive: boolean }) {
  const { busy, error, done, send } = useAction('queue');
  const redrive = () => send('POST', `/api/queue/${order.order_id}/redrive`, undefined, 'Redriven.');
  return (
    <li className="flex flex-wrap items-center gap-2">
      <OrderLink id={order.order_id} />
      <span className="text-muted">
        {plural(order.attempts, 'try', 'tries')}, given up at {formatTime(order.dead_lettered_at ?? '')}
      </span>
      {canRedrive ? (
        <button className="button button-small" disabled={busy} onClick={onceOnly(() => void redrive())} type="button">
          Try again
        </button>
      ) : null}
      <span role="status">{error?.message ?? done}</span>
    </li>
  );
}
