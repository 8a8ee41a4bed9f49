import type { Answer } from '../browser/http.ts';
import { Status } from '../ui/status.tsx';
import { explainAnswer } from './explain-answer.ts';

/** The status of an answer to `POST /api/orders`: "201 Confirmed". */
export function AnswerStatus({ answer }: { answer: Answer }) {
  const { tone, title } = explainAnswer(answer);
  return <Status tone={tone} word={answer.status === 0 ? title : `${answer.status} ${title}`} />;
}
