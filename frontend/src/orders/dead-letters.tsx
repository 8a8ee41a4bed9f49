import type { Order, queueState } from '@valerix/contracts';
import { QUEUE_COUNT_LIMIT } from '@valerix/contracts/plain';
import { useState } from 'react';
import { formatCount, formatTime, plural } from '../browser/format.ts';
import { useFreshState, useLive, useSession } from '../browser/hooks.ts';
import type { AnswerOf } from '../browser/http.ts';
import { useRead } from '../browser/use-read.ts';
import { useAction } from '../browser/use-task.ts';
import { OrderLink } from '../ordering/order-parts.tsx';
import { wasRead } from '../overview/service-health.ts';
import { Button } from '../ui/controls.tsx';
import { Note } from '../ui/parts.tsx';
import { SignInHint } from '../ui/session-menu.tsx';
import { RequeueMany } from './requeue-many.tsx';

const SHOWN = 10;

/**
 * The orders that the worker gave up on, which an operator can requeue; hidden if there are none. While their number is
 * unknown, the last known number stays, with a remark that it is old.
 */
export function DeadLetters() {
  const { state } = useLive();
  const present = useFreshState()?.queue?.dead_lettered ?? null;
  const [last, setLast] = useState<number | null>(null);
  if (present !== null && present !== last) setLast(present);
  const count = present ?? last ?? 0;
  const { operator } = useSession();
  const queue = useRead<AnswerOf<typeof queueState>>(['queue'], '/api/queue', { enabled: count > 0, every: 3_000 });
  const unknown = state !== null && wasRead(state.services.order) && present === null;
  const letters = (queue.data?.dead_letters ?? []).slice(0, SHOWN);
  const more = letters.length === 0 ? 0 : count - letters.length;
  const plus = count >= QUEUE_COUNT_LIMIT ? '+' : '';
  const [result, setResult] = useState<string | null>(null);
  if (count === 0 && !unknown && result === null) return null;
  return (
    <div className="mb-3 space-y-2">
      {result === null ? null : <Note tone="ok">{result}</Note>}
      {count === 0 && unknown ? (
        <Note tone="unknown">The number of orders that wait for an operator is unknown.</Note>
      ) : null}
      {count === 0 ? null : (
        <Note tone="bad">
          <p className="font-medium">
            {`${formatCount(count)}${plus}`} {count === 1 ? 'order' : 'orders'} could not be settled and{' '}
            {count === 1 ? 'waits' : 'wait'} for an operator
          </p>
          {unknown ? <p className="text-muted">This is the last known number; the current one is unknown.</p> : null}
          <ul className="mt-1 space-y-1">
            {letters.map((order) => (
              <DeadLetter canRedrive={operator === true} key={order.order_id} order={order} />
            ))}
            {more > 0 ? <li className="text-muted">and {`${formatCount(more)}${plus}`} more</li> : null}
          </ul>
          {operator === true && count > 1 ? (
            <RequeueMany items={itemsOf(queue.data?.dead_letters ?? [])} tell={setResult} />
          ) : null}
          {operator === false ? <SignInHint what="requeue them" /> : null}
        </Note>
      )}
    </div>
  );
}

const itemsOf = (orders: readonly Order[]): string[] =>
  [...new Set(orders.flatMap(({ items }) => items.map(({ item_id }) => item_id)))].sort();

function DeadLetter({ order, canRedrive }: { order: Order; canRedrive: boolean }) {
  return (
    <li className="flex flex-wrap items-center gap-2">
      <OrderLink id={order.order_id} />
      <span className="text-muted">
        {plural(order.attempts, 'try', 'tries')}, given up at {formatTime(order.dead_lettered_at ?? '')}
      </span>
      {canRedrive ? <RequeueOne id={order.order_id} /> : null}
    </li>
  );
}

/** Lets the worker try a dead letter again. */
export function RequeueOne({ id }: { id: string }) {
  const { busy, error, done, send } = useAction(['queue'], ['order', id]);
  const requeue = () => send('POST', `/api/queue/${id}/redrive`, undefined, 'Requeued.');
  return (
    <span className="inline-flex flex-wrap items-center gap-2">
      <Button busy={busy} onClick={requeue} once small text="Requeue" />
      <span role="status">{error?.message ?? done}</span>
    </span>
  );
}
