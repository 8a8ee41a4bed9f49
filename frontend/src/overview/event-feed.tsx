import { formatCount, plural } from '../browser/format.ts';
import { useLiveOf } from '../browser/hooks.ts';
import type { Live } from '../browser/live-store.ts';
import { EVENT_LOOK } from '../ordering/event-look.ts';
import { OrderLink } from '../ordering/order-parts.tsx';
import { Card } from '../ui/card.tsx';
import { Button } from '../ui/controls.tsx';
import { EmptyWith, Loading, Note, Time } from '../ui/parts.tsx';
import { Status } from '../ui/status.tsx';
import { useStill } from '../ui/use-still.ts';

const SHOWN = 10;

const shownOf = ({ state, events, skipped, received_at_ms }: Live) => ({
  feed: state?.feed ?? null,
  received: received_at_ms !== null,
  events,
  skipped,
});

/** The newest order events. */
export function EventFeed() {
  const { feed, events, skipped, received } = useLiveOf(shownOf);
  const { shown, fresh, showNew, area } = useStill(events.toReversed(), ({ event_id }) => event_id);
  const newest = shown.slice(0, SHOWN);
  const left = skipped === 0 ? null : `${formatCount(skipped)} more came too fast to show`;
  const aside =
    fresh > 0 ? (
      <Button onClick={showNew} small text={plural(fresh, 'new event')} />
    ) : (
      <span className="text-sm text-muted">{left}</span>
    );
  return (
    <Card aside={aside} area={area} className="[&_h2]:leading-[28px]" title="Events">
      {feed !== null && !feed.connected ? (
        <Note tone="warn">The stream of events is interrupted{feed.error ? `: ${feed.error}` : ''}.</Note>
      ) : null}
      {!received ? <Loading label="Loading events" /> : null}
      {received && newest.length === 0 ? (
        <EmptyWith href="/shop" link="Place one" text="No order has moved since the dashboard started." />
      ) : null}
      <ol className="divide-y divide-line">
        {newest.map((event) => (
          <li className="flex items-center gap-2.5 py-1" key={event.event_id}>
            <Time at={event.occurred_at} className="text-sm text-muted" />
            <Status {...EVENT_LOOK[event.type]} />
            <OrderLink className="ml-auto" id={event.order_id} />
          </li>
        ))}
      </ol>
    </Card>
  );
}
