import Link from 'next/link';
import { useEffect, useRef, useState } from 'react';
import { useFreshState, useLive } from '../browser/hooks.ts';
import { FailedLater } from '../live/failed-later.ts';
import {
  bareTitle,
  failedNotice,
  type Notice,
  newNotices,
  type Seen,
  seenIn,
  titleMark,
  withNotices,
} from '../live/notices.ts';
import { Button } from './controls.tsx';
import { TONES } from './status.tsx';

const SHOWN_MS = 12_000;
const MOST = 3;

/**
 * Tells on every page what an operator must know at once: a violation, a dead letter, a breaker that opens, an accepted order that
 * failed, a game day that ended. Marks the tab's title and icon too.
 */
export function Notices() {
  const { state, events } = useLive();
  const isCurrent = useFreshState() !== null;
  const seen = useRef<Seen | null>(null);
  const failed = useRef(new FailedLater());
  const [shown, setShown] = useState<readonly Notice[]>([]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: the transitions are looked at once a second
  useEffect(() => {
    if (state === null) return;
    const now = seenIn(state, seen.current);
    const lost = failed.current.hear(events);
    const more = seen.current === null ? [] : [...newNotices(seen.current, now), ...failedNotice(lost, now.at)];
    seen.current = now;
    if (more.length === 0) return;
    setShown((before) => withNotices(before, more).slice(-MOST));
    setTimeout(() => setShown((before) => before.filter((one) => !more.includes(one))), SHOWN_MS);
  }, [state]);
  const mark = state === null || !isCurrent ? '' : titleMark(seenIn(state, seen.current));
  // At each message: a page that sets its title later would take the mark away.
  useEffect(() => {
    const title = `${mark}${bareTitle(document.title)}`;
    if (document.title !== title) document.title = title;
  });
  useEffect(() => markIcon(mark), [mark]);
  return (
    <div
      className="pointer-events-none fixed right-3 bottom-3 left-3 z-30 space-y-2 sm:left-auto"
      data-on-top
      role="status"
    >
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

/** Puts a dot on the tab's icon while its title has a mark. */
function markIcon(mark: string): void {
  const link = document.querySelector<HTMLLinkElement>('link[rel~="icon"]');
  if (link === null) return;
  link.dataset.plain ??= link.href;
  const dot = `<circle cx="25" cy="7" r="7" fill="${mark.includes('!') ? '#d92d20' : '#f59e0b'}"/>`;
  const letter = '<path d="M8 9l8 15 8-15" fill="none" stroke="#fff" stroke-width="3.4"/>';
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><rect width="32" height="32" rx="7" fill="#2252bd"/>${letter}${dot}</svg>`;
  link.href = mark === '' ? link.dataset.plain : `data:image/svg+xml,${encodeURIComponent(svg)}`;
}
