import type { LedgerEntry, ledgerPage, orderEvents } from '@valerix/contracts';
import { isSettled } from '@valerix/contracts/plain';
import { formatChange, formatPreciseTime } from '../browser/format.ts';
import type { AnswerOf } from '../browser/http.ts';
import { useRead } from '../browser/use-read.ts';
import { OrderLink, OrderStatusBadge } from '../ordering/order-parts.tsx';
import { useOrder } from '../ordering/use-order.ts';
import { eventSentence } from '../orders/event-detail.ts';
import { SystemMap } from '../overview/system-map.tsx';
import { Card } from '../ui/card.tsx';
import { type Column, Table } from '../ui/table.tsx';
import type { DemoFacts } from './steps.ts';

/** While the order is open, and afterwards. */
const EVERY_MS = { open: 1_000, settled: 5_000 };
/** The newest events fit beside the steps. */
const SHOWN = 5;

/** What the system does while the steps are carried out: the map, the order, and the ledger's entries for it. */
export function DemoLive({ facts }: { facts: DemoFacts }) {
  return (
    <div className="space-y-3">
      <SystemMap />
      {facts.order_id ? <Order id={facts.order_id} /> : <NoOrder />}
    </div>
  );
}

function NoOrder() {
  return (
    <Card title="The order">
      <p className="text-muted">It appears here once it is placed, with the stock ledger's entries for it.</p>
    </Card>
  );
}

function Order({ id }: { id: string }) {
  const order = useOrder(id).data?.order;
  const every = order && isSettled(order.status) ? EVERY_MS.settled : EVERY_MS.open;
  const events = useRead<AnswerOf<typeof orderEvents>>(['order-events', id], `/api/orders/${id}/events`, {
    every,
  });
  const params = { order_id: id };
  const ledger = useRead<AnswerOf<typeof ledgerPage>>(['ledger', params], '/api/inventory/ledger', {
    params,
    every,
  });
  // A fault that hits each try is told once.
  const known = (events.data?.items ?? []).filter(({ type }, index, all) => type !== all[index - 1]?.type);
  return (
    <>
      <Card aside={order ? <OrderStatusBadge order={order} /> : null} label="The order" title="The order">
        <OrderLink id={id} />
        <ol>
          {known.slice(-SHOWN).map((event) => (
            <li className="flex gap-x-3" key={event.event_id}>
              <span className="shrink-0 text-muted">{formatPreciseTime(event.occurred_at)}</span>
              <span className="min-w-0">{eventSentence(event, false)}</span>
            </li>
          ))}
        </ol>
      </Card>
      <Card title="The ledger">
        {ledger.data?.items.length === 0 ? <p className="text-muted">No entry for this order yet.</p> : null}
        <Table columns={COLUMNS} keyOf={(entry) => entry.position} rows={ledger.data?.items ?? []} />
      </Card>
    </>
  );
}

const COLUMNS: ReadonlyArray<Column<LedgerEntry>> = [
  ['When', (entry) => formatPreciseTime(entry.created_at), 'text-muted'],
  ['What', (entry) => entry.transaction_type],
  ['Item', (entry) => entry.item_id],
  ['Units', (entry) => formatChange(entry.quantity_change), 'text-right'],
];
