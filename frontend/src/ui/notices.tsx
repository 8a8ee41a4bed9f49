import Link from 'next/link';
import { usePathname } from 'next/navigation';
import { useEffect, useRef, useState } from 'react';
import { useFreshState, useLive } from '../browser/hooks.ts';
import { type Notice, newNotices, type Seen, seenIn, titleMark } from '../live/notices.ts';
import { Button } from './controls.tsx';
import { TONES } from './status.tsx';

const SHOWN_MS = 12_000;
const MOST = 3;

/** Tells on every page what an operator must know at once: a violation, a dead letter, a breaker that opens. Marks the tab's title too. */
export function Notices() {
  const { state } = useLive();
  const isCurrent = useFreshState() !== null;
  const seen = useRef<Seen | null>(null);
  const [shown, setShown] = useState<readonly Notice[]>([]);
  useEffect(() => {
    if (state === null) return;
    const now = seenIn(state, seen.current);
    const more = seen.current === null ? [] : newNotices(seen.current, now);
    seen.current = now;
    if (more.length === 0) return;
    setShown((before) => [...before, ...more].slice(-MOST));
    setTimeout(() => setShown((before) => before.filter((one) => !more.includes(one))), SHOWN_MS);
  }, [state]);
  const path = usePathname();
  const mark = state === null || !isCurrent ? '' : titleMark(seenIn(state, seen.current));
  // biome-ignore lint/correctness/useExhaustiveDependencies: each page sets its own title
  useEffect(() => {
    if (mark === '' || document.title.startsWith(mark)) return;
    document.title = `${mark}${document.title}`;
    return () => {
      document.title = document.title.replace(mark, '');
    };
  }, [mark, path]);
  return (
    <div className="pointer-events-none fixed right-3 bottom-3 z-30 space-y-2" role="status">
      {shown.map((notice) => (
        <div
          className={`card pointer-events-auto flex items-center gap-3 border-l-4 shadow-lg ${TONES[notice.tone].edge}`}
          key={notice.id}
        >
          <Link className="link" href={notice.href}>
            {notice.text}
          </Link>
          <Button
            aria-label="Close this notice"
            icon="bad"
            onClick={() => setShown(shown.filter((one) => one !== notice))}
            small
            text=""
          />
        </div>
      ))}
    </div>
  );
}
