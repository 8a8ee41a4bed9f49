'use client';

import { HEADER, type Order } from '@valerix/contracts';
import { useState } from 'react';
import { type Answer, send } from '../browser/http.ts';
import { explainAnswer } from '../shop/explain-answer.ts';
import { Note, Spinner } from '../ui/parts.tsx';
import { Status } from '../ui/status.tsx';

/**
 * The answer the client was given, fetched the way the client would: the same order under the same key. That replays
 * the stored bytes and orders nothing.
 */
export function GivenAnswer({ order }: { order: Order }) {
  const [answer, setAnswer] = useState<Answer | null>(null);
  const [busy, setBusy] = useState(false);
  const ask = async () => {
    setBusy(true);
    setAnswer(
      await send('POST', '/api/orders', {
        body: { items: order.items },
        headers: { [HEADER.idempotencyKey]: order.idempotency_key },
      }),
    );
    setBusy(false);
  };
  const look = answer === null ? null : explainAnswer(answer);
  return (
    <section aria-label="Answer" className="card">
      <div className="flex flex-wrap items-center justify-between gap-2">
        <h2>The answer that was given</h2>
        <button className="button button-small" disabled={busy} onClick={ask} type="button">
          {busy ? <Spinner label="Asking" /> : 'Replay it'}
        </button>
      </div>
      <p className="text-muted">
        Sends the same order under its key again. The stored answer comes back; nothing is ordered.
      </p>
      {answer !== null && look !== null ? (
        <div className="mt-2 space-y-2">
          <p className="flex flex-wrap items-center gap-2">
            <Status tone={look.tone}>
              {answer.status === 0 ? null : answer.status} {look.title}
            </Status>
            {answer.headers['idempotent-replayed'] === 'true' ? (
              <code className="text-[0.92rem] text-muted">Idempotent-Replayed: true</code>
            ) : null}
          </p>
          {answer.headers['idempotent-replayed'] === 'true' || answer.status === 409 ? null : (
            <Note tone="warn">This answer is not marked as replayed.</Note>
          )}
          <pre className="whitespace-pre-wrap break-words rounded-lg bg-raised p-3 font-mono text-[0.92rem]">
            {pretty(answer)}
          </pre>
        </div>
      ) : null}
    </section>
  );
}

function pretty(answer: Answer): string {
  return answer.body === null ? answer.text : JSON.stringify(answer.body, null, 2);
}
