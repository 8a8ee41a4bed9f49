'use client';

import type { OrderEvent } from '@valerix/contracts';
import Link from 'next/link';
import { formatCount, formatTime, shortId } from '../browser/format.ts';
import { useLive } from '../browser/hooks.ts';
import { Empty, Loading, Note } from '../ui/parts.tsx';
import { Status } from '../ui/status.tsx';
import { eventLook } from './event-look.ts';

const SHOWN = 10;

/** The newest transitions of orders, as they happen. */
export function EventFeed() {
  const { state, events, skipped, received_at_ms } = useLive();
  const newest = events.slice(-SHOWN).reverse();
  return (
    <section aria-label="Events" className="card flex flex-col">
      <div className="mb-2 flex items-baseline justify-between gap-2">
        <h2>Events</h2>
        {skipped === 0 ? null : (
          <span className="text-[0.92rem] text-muted">{formatCount(skipped)} more passed too fast to show</span>
        )}
      </div>
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
    </section>
  );
}

function FeedLine({ event }: { event: OrderEvent }) {
  const { tone, word, icon } = eventLook(event.type);
  return (
    <li className="flex items-center gap-2.5 py-1">
      <time className="text-[0.92rem] text-muted" dateTime={event.occurred_at}>
        {formatTime(event.occurred_at)}
      </time>
      <Status tone={tone} {...(icon ? { icon } : {})}>
        {word}
      </Status>
      <Link className="link ml-auto font-mono text-[0.92rem]" href={`/orders/${event.order_id}`} prefetch={false}>
        {shortId(event.order_id)}
      </Link>
    </li>
  );
}
