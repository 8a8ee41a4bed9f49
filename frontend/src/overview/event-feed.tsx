import { formatCount, plural } from '../browser/format.ts';
import { useLive } from '../browser/hooks.ts';
import { EVENT_LOOK } from '../ordering/event-look.ts';
import { OrderLink } from '../ordering/order-parts.tsx';
import { Card } from '../ui/card.tsx';
import { Button } from '../ui/controls.tsx';
import { EmptyWith, Loading, Note, Time } from '../ui/parts.tsx';
import { Status } from '../ui/status.tsx';
import { useStill } from '../ui/use-still.ts';

const SHOWN = 10;

/** The newest order events. */
export function EventFeed() {
  const { state, events, skipped, received_at_ms } = useLive();
  const { shown, fresh, showNew, area } = useStill(events.toReversed(), ({ event_id }) => event_id);
  const newest = shown.slice(0, SHOWN);
  const left = skipped === 0 ? null : `${formatCount(skipped)} more came too fast to show`;
  const aside =
    fresh > 0 ? (
      <Button onClick={showNew} small text={plural(fresh, 'new event')} />
    ) : (
      <span className="text-[0.92rem] text-muted">{left}</span>
    );
  return (
    <Card aside={aside} area={area} className="[&_h2]:leading-[28px]" title="Events">
      {state !== null && !state.feed.connected ? (
        <Note tone="warn">The stream of events is interrupted{state.feed.error ? `: ${state.feed.error}` : ''}.</Note>
      ) : null}
      {received_at_ms === null ? <Loading label="Loading events" /> : null}
      {received_at_ms !== null && newest.length === 0 ? (
        <EmptyWith href="/shop" link="Place one" text="No order has moved since the dashboard started." />
      ) : null}
      <ol className="divide-y divide-line">
        {newest.map((event) => (
          <li className="flex items-center gap-2.5 py-1" key={event.event_id}>
            <Time at={event.occurred_at} className="text-[0.92rem] text-muted" />
            <Status {...EVENT_LOOK[event.type]} />
            <OrderLink className="ml-auto" id={event.order_id} />
          </li>
        ))}
      </ol>
    </Card>
  );
}
