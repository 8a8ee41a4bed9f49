'use client';

import type { OrderEvent } from '@valerix/contracts';
import Link from 'next/link';
import { formatCount, formatTime } from '../browser/format.ts';
import { useLive } from '../browser/hooks.ts';
import { EVENT_LOOK } from '../ordering/event-look.ts';
import { OrderLink } from '../ordering/order-parts.tsx';
import { Card } from '../ui/card.tsx';
import { Empty, Loading, Note } from '../ui/parts.tsx';
import { Status } from '../ui/status.tsx';

const SHOWN = 10;

/** The newest transitions of orders, as they happen. */
export function EventFeed() {
  const { state, events, skipped, received_at_ms } = useLive();
  const newest = events.slice(-SHOWN).reverse();
  const left = skipped === 0 ? null : `${formatCount(skipped)} more passed too fast to show`;
  return (
    <Card aside={<span className="text-[0.92rem] text-muted">{left}</span>} title="Events">
      {state !== null && !state.feed.connected ? (
        <Note tone="warn">The stream of events is interrupted{state.feed.error ? `: ${state.feed.error}` : ''}.</Note>
      ) : null}
      {received_at_ms === null ? (
        <Loading label="Loading events" />
      ) : newest.length === 0 ? (
        <Empty>
          No order has moved since the dashboard started.{' '}
          <Link className="link" href="/shop">
            Place one
          </Link>
          .
        </Empty>
      ) : (
        <ol className="divide-y divide-line">
          {newest.map((event) => (
            <FeedLine event={event} key={event.event_id} />
          ))}
        </ol>
      )}
    </Card>
  );
}

function FeedLine({ event }: { event: OrderEvent }) {
  const { tone, word, icon } = EVENT_LOOK[event.type];
  return (
    <li className="flex items-center gap-2.5 py-1">
      <time className="text-[0.92rem] text-muted" dateTime={event.occurred_at}>
        {formatTime(event.occurred_at)}
      </time>
      <Status icon={icon} tone={tone}>
        {word}
      </Status>
      <OrderLink className="ml-auto" id={event.order_id} />
    </li>
  );
}
