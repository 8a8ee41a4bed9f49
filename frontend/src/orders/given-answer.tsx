import type { Order } from '@valerix/contracts';
import { useState } from 'react';
import type { Answer } from '../browser/http.ts';
import { useTask } from '../browser/use-task.ts';
import { AnswerStatus } from '../ordering/answer-status.tsx';
import { isReplay } from '../ordering/explain-answer.ts';
import { placeOrder } from '../ordering/place-order.ts';
import { Card } from '../ui/card.tsx';
import { Button } from '../ui/controls.tsx';
import { Note, Spinner } from '../ui/parts.tsx';

/** The client's answer, fetched as the client would: the same order under the same key returns the stored bytes. */
export function GivenAnswer({ orderKey, order }: { orderKey: string; order: Order }) {
  const [answer, setAnswer] = useState<Answer | null>(null);
  const { busy, run } = useTask();
  const ask = () => run(async () => setAnswer(await placeOrder(orderKey, order.items)));
  return (
    <Card
      aside={<Button small busy={busy} onClick={ask} text={busy ? <Spinner label="Asking" /> : 'Replay it'} />}
      label="Answer"
      title="The client's answer"
    >
      <p className="text-muted">
        Sends the same order under its key again. This replays the stored answer and orders nothing.
      </p>
      {answer !== null ? (
        <div className="mt-2 space-y-2">
          <p className="flex flex-wrap items-center gap-2">
            <AnswerStatus answer={answer} />
            {isReplay(answer) ? <code className="text-sm text-muted">Idempotent-Replayed: true</code> : null}
          </p>
          {isReplay(answer) || answer.status === 409 ? null : (
            <Note tone="warn">This answer is not marked as replayed.</Note>
          )}
          <pre className="whitespace-pre-wrap break-words rounded-lg bg-raised p-3 font-mono text-sm">
            {answer.body === null ? answer.text : JSON.stringify(answer.body, null, 2)}
          </pre>
        </div>
      ) : null}
    </Card>
  );
}
