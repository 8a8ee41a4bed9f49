import type { Order, OrderStatus } from '@valerix/contracts';
import { isSettled } from '@valerix/contracts/plain';
import { formatMs, plural, shortId } from '../browser/format.ts';
import { AnswerStatus } from '../ordering/answer-status.tsx';
import { explainAnswer, isReplay } from '../ordering/explain-answer.ts';
import { OrderLink, OrderStatusBadge } from '../ordering/order-parts.tsx';
import { orderIdOf } from '../ordering/place-order.ts';
import { useOrder, useWhyQueued } from '../ordering/use-order.ts';
import { Spinner } from '../ui/parts.tsx';
import { useShown } from '../ui/show-whole.ts';
import { TONES } from '../ui/status.tsx';
import type { Sent } from './use-shop.ts';

/** The requests of this page, newest first, with their answers in plain words. */
export function SentList({ sent }: { sent: readonly Sent[] }) {
  if (sent.length === 0) return null;
  return (
    <section aria-label="Answers" className="space-y-2">
      <h2>Requests and their answers</h2>
      <ol aria-live="polite" className="space-y-2">
        {sent.map((one, index) => (
          <li key={one.id}>
            <SentCard sent={one} twin={sent.slice(index + 1).some((earlier) => isTwin(one, earlier))} />
          </li>
        ))}
      </ol>
    </section>
  );
}

/** Whether both are answers under one key, with the same bytes. */
const isTwin = ({ key, answer }: Sent, earlier: Sent): boolean =>
  Boolean(answer?.status) &&
  key === earlier.key &&
  answer?.status === earlier.answer?.status &&
  answer?.text === earlier.answer?.text;

function SentCard({ sent, twin }: { sent: Sent; twin: boolean }) {
  const { answer } = sent;
  const orderId = answer === null ? null : orderIdOf(answer);
  const why = useWhyQueued(answer?.status === 202 ? orderId : null);
  // On a phone, the answer is below the cart. The card grows with it.
  const place = useShown<HTMLDivElement>(answer ?? 'waiting');
  if (answer === null) {
    return (
      <div className="card border-l-4 border-l-info" ref={place}>
        <p className="font-medium">{sent.what}</p>
        <p className="text-muted">
          <Spinner label="Waiting for the answer" />
        </p>
      </div>
    );
  }
  const { tone, text } = explainAnswer(answer, why);
  return (
    <div className={`card border-l-4 ${TONES[tone].edge}`} data-status={answer.status} ref={place}>
      <div className="flex flex-wrap items-center justify-between gap-2">
        <p className="font-medium">{sent.what}</p>
        <AnswerStatus answer={answer} />
      </div>
      <p className="mt-1">{text}</p>
      {twin ? <p className="text-muted">The same bytes as the answer before.</p> : null}
      <p className="mt-1 flex flex-wrap items-center gap-x-3 gap-y-1 text-sm text-muted">
        <span>{formatMs(answer.ms)}</span>
        <span className="break-all">
          key <code>{shortId(sent.key)}</code>
        </span>
        {isReplay(answer) ? <span>Idempotent-Replayed: true</span> : null}
      </p>
      {orderId === null ? null : <OrderNow id={orderId} />}
    </div>
  );
}

/** The order's current status: here a queued order becomes confirmed. */
function OrderNow({ id }: { id: string }) {
  const { data } = useOrder(id);
  return (
    <p className="mt-2 flex flex-wrap items-center gap-2 border-line border-t pt-2" data-order={id}>
      <span className="text-muted">Now</span>
      {data ? <OrderStatusBadge order={data.order} /> : <Spinner label="asking" />}
      {data && data.order.attempts > 0 && COUNTED.includes(data.order.status) ? (
        <span className="text-muted">{triesInWords(data.order)}</span>
      ) : null}
      <OrderLink className="ml-auto" id={id} />
    </p>
  );
}

/** A cancellation begins the count of tries anew. */
const COUNTED: readonly OrderStatus[] = ['queued', 'confirmed', 'failed'];

function triesInWords(order: Order): string {
  const tries = plural(order.attempts, 'background try', 'background tries');
  return isSettled(order.status) ? `settled after ${tries}` : `${tries} so far`;
}
