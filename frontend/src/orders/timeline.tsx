import type { OrderEvent } from '@valerix/contracts';
import { formatMs, formatPreciseTime, plural, shortId } from '../browser/format.ts';
import { EVENT_LOOK } from '../ordering/event-look.ts';
import { Icon } from '../ui/icons.tsx';
import { Empty, Time } from '../ui/parts.tsx';
import { TONES } from '../ui/status.tsx';
import { eventFacts, eventSentence } from './event-detail.ts';
import { groupTries } from './order-story.ts';

/** The events of one order, oldest first, with their causes and the faults that hit the order. */
export function Timeline({ events, isPaid }: { events: readonly OrderEvent[]; isPaid: boolean }) {
  if (events.length === 0) return <Empty>Nothing was recorded yet.</Empty>;
  // A fault mark arrives later than the transitions around it.
  const ordered = events.toSorted((a, b) => Date.parse(a.occurred_at) - Date.parse(b.occurred_at));
  const groups = groupTries(ordered);
  return (
    <ol>
      {groups.map((group, index) => (
        <Entry
          before={groups[index - 1]?.at(-1)}
          group={group as [OrderEvent, ...OrderEvent[]]}
          isPaid={isPaid}
          key={group[0]?.event_id}
          last={index === groups.length - 1}
        />
      ))}
    </ol>
  );
}

type EntryProps = Readonly<{
  group: [OrderEvent, ...OrderEvent[]];
  before: OrderEvent | undefined;
  last: boolean;
  isPaid: boolean;
}>;

function Entry({ group: [event, ...more], before, last, isPaid }: EntryProps) {
  const later = before ? formatMs(Date.parse(event.occurred_at) - Date.parse(before.occurred_at)) : null;
  const { tone, word, icon } = EVENT_LOOK[event.type];
  return (
    <li className="flex gap-3" data-event={event.type}>
      <div className="flex flex-col items-center">
        <span className={`grid size-6 place-items-center rounded-full ${TONES[tone].soft}`}>
          <Icon name={icon ?? TONES[tone].icon} size={13} />
        </span>
        {last ? null : <span className="w-px flex-1 bg-line" />}
      </div>
      <div className="min-w-0 flex-1 pb-4">
        <p className="flex flex-wrap items-baseline gap-x-3">
          <strong>{word}</strong>
          <Time at={event.occurred_at} className="text-sm text-muted" text={formatPreciseTime(event.occurred_at)} />
          {later === null ? null : <span className="text-sm text-muted">{later} later</span>}
        </p>
        <p>{eventSentence(event, isPaid)}</p>
        <p className="text-sm text-muted">
          {[...eventFacts(event), `caused by ${shortId(event.causation_id)}`].join(' · ')}
        </p>
        {more.length === 0 ? null : <MoreTries tries={more} />}
      </div>
    </li>
  );
}

/** The tries after the first that ended like it. */
function MoreTries({ tries }: { tries: readonly OrderEvent[] }) {
  return (
    <details className="text-sm">
      <summary>
        {plural(tries.length, 'more try', 'more tries')} like it, the last at{' '}
        {formatPreciseTime(tries.at(-1)?.occurred_at ?? '')}
      </summary>
      <ul className="text-muted">
        {tries.map((one) => (
          <li key={one.event_id}>{[formatPreciseTime(one.occurred_at), ...eventFacts(one)].join(' · ')}</li>
        ))}
      </ul>
    </details>
  );
}
