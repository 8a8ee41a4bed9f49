'use client';

import type { Order } from '@valerix/contracts';
import { useState } from 'react';
import type { Answer } from '../browser/http.ts';
import { useTask } from '../browser/use-task.ts';
import { explainAnswer } from '../ordering/explain-answer.ts';
import { isReplay, placeOrder } from '../ordering/place-order.ts';
import { Card } from '../ui/card.tsx';
import { Note, Spinner } from '../ui/parts.tsx';
import { Status } from '../ui/status.tsx';

/**
 * The answer the client was given, fetched the way the client would: the same order under the same key. That replays
 * the stored bytes and orders nothing.
 */
export function GivenAnswer({ order }: { order: Order }) {
  const [answer, setAnswer] = useState<Answer | null>(null);
  const { busy, run } = useTask();
  const ask = () => run(async () => setAnswer(await placeOrder(order.idempotency_key, order.items)));
  const look = answer === null ? null : explainAnswer(answer);
  return (
    <Card
      aside={
        <button className="button button-small" disabled={busy} onClick={() => void ask()} type="button">
          {busy ? <Spinner label="Asking" /> : 'Replay it'}
        </button>
      }
      label="Answer"
      title="The answer that was given"
    >
      <p className="text-muted">
        Sends the same order under its key again. The stored answer comes back; nothing is ordered.
      </p>
      {answer !== null && look !== null ? (
        <div className="mt-2 space-y-2">
          <p className="flex flex-wrap items-center gap-2">
            <Status tone={look.tone}>
              {answer.status === 0 ? null : answer.status} {look.title}
            </Status>
            {isReplay(answer) ? <code className="text-[0.92rem] text-muted">Idempotent-Replayed: true</code> : null}
          </p>
          {isReplay(answer) || answer.status === 409 ? null : (
            <Note tone="warn">This answer is not marked as replayed.</Note>
          )}
          <pre className="whitespace-pre-wrap break-words rounded-lg bg-raised p-3 font-mono text-[0.92rem]">
            {pretty(answer)}
          </pre>
        </div>
      ) : null}
    </Card>
  );
}

function pretty(answer: Answer): string {
  return answer.body === null ? answer.text : JSON.stringify(answer.body, null, 2);
}
