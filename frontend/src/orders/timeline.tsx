'use client';

import type { OrderEvent } from '@valerix/contracts';
import { formatMs, formatPreciseTime, shortId } from '../browser/format.ts';
import { EVENT_LOOK } from '../ordering/event-look.ts';
import { Icon } from '../ui/icons.tsx';
import { Empty } from '../ui/parts.tsx';
import { TONE_SOFT } from '../ui/status.tsx';
import { eventFacts, eventSentence } from './event-detail.ts';

/** The transitions of one order, oldest first, each with what caused it and the faults that hit it. */
export function Timeline({ events }: { events: readonly OrderEvent[] }) {
  if (events.length === 0) return <Empty>Nothing was recorded yet.</Empty>;
  // Marks of faults arrive later than the transitions they belong between.
  const ordered = [...events].sort((a, b) => Date.parse(a.occurred_at) - Date.parse(b.occurred_at));
  return (
    <ol>
      {ordered.map((event, index) => (
        <Entry
          event={event}
          key={event.event_id}
          last={index === ordered.length - 1}
          since={index === 0 ? null : gap(ordered[index - 1], event)}
        />
      ))}
    </ol>
  );
}

function gap(before: OrderEvent | undefined, event: OrderEvent): number | null {
  return before === undefined ? null : Date.parse(event.occurred_at) - Date.parse(before.occurred_at);
}

function Entry({ event, since, last }: { event: OrderEvent; since: number | null; last: boolean }) {
  const { tone, word, icon } = EVENT_LOOK[event.type];
  return (
    <li className="flex gap-3" data-event={event.type}>
      <div className="flex flex-col items-center">
        <span className={`grid size-6 place-items-center rounded-full ${TONE_SOFT[tone]}`}>
          <Icon name={icon ?? (tone === 'ok' ? 'ok' : tone === 'bad' ? 'bad' : 'wait')} size={13} />
        </span>
        {last ? null : <span className="w-px flex-1 bg-line" />}
      </div>
      <div className="min-w-0 flex-1 pb-4">
        <p className="flex flex-wrap items-baseline gap-x-3">
          <strong>{word}</strong>
          <time className="text-[0.92rem] text-muted" dateTime={event.occurred_at}>
            {formatPreciseTime(event.occurred_at)}
          </time>
          {since === null ? null : <span className="text-[0.92rem] text-muted">{formatMs(since)} later</span>}
        </p>
        <p>{eventSentence(event)}</p>
        <p className="text-[0.92rem] text-muted">
          {[...eventFacts(event), `caused by ${shortId(event.causation_id)}`].join(' · ')}
        </p>
      </div>
    </li>
  );
}
