import { formatSpan, formatTime } from '../browser/format.ts';
import type { Action } from './use-chaos.ts';

/** What came of an action, below its button. */
export function Outcome({ action: { error, done } }: { action: Action }) {
  return (
    <>
      {done === null ? null : (
        <p className="text-ok" role="status">
          {done}
        </p>
      )}
      {error === null ? null : (
        <p className="text-bad" role="alert">
          {error}
        </p>
      )}
    </>
  );
}

/** Says when and for how long, so that it stays true when the fault has ended. */
export function armedWords(ttlSeconds: number): string {
  return `Armed at ${formatTime(new Date().toISOString())} for ${formatSpan(ttlSeconds * 1000)}.`;
}
