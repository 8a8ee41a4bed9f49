import type { PaymentEntry, paymentLedgerPage } from '@valerix/contracts';
import { useState } from 'react';
import { formatMovement } from '../browser/format.ts';
import { type AnswerOf, fetchJson } from '../browser/http.ts';
import { usePages } from '../browser/use-read.ts';
import { OrderLink } from '../ordering/order-parts.tsx';
import { looksLikeId } from '../orders/search.ts';
import { Card } from '../ui/card.tsx';
import { Button } from '../ui/controls.tsx';
import { ExportButtons } from '../ui/export-buttons.tsx';
import { TextField } from '../ui/forms.tsx';
import { Empty, MoreButton, QueryState, Time } from '../ui/parts.tsx';
import { type Column, Table } from '../ui/table.tsx';

export const LEDGER_KEY = ['payment-ledger'];
const PAGE_SIZE = 50;
/** Entries asked for at once by an export: the most that the service sends. */
const EXPORT_PAGE = 1_000;

/** Every charge and refund, or those of one order. */
export function PaymentLedger() {
  const [search, setSearch] = useState('');
  const [order, setOrder] = useState('');
  const [isWrong, setWrong] = useState(false);
  const params = order === '' ? {} : { order_id: order };
  const options = { params, limit: PAGE_SIZE, cursor: 'after' };
  const ledger = usePages<AnswerOf<typeof paymentLedgerPage>>([...LEDGER_KEY, params], '/api/payments', options);
  const isHeldBack = ledger.data?.pages.at(-1)?.held_back === true;
  const find = () => {
    const text = search.trim().toLowerCase();
    const isUsable = text === '' || looksLikeId(text);
    setWrong(!isUsable);
    if (isUsable) setOrder(text);
  };
  return (
    <Card
      aside={
        <span className="flex items-center gap-3">
          <ExportButtons
            name={order === '' ? 'payments' : `payments-${order}`}
            read={(after) =>
              fetchJson<AnswerOf<typeof paymentLedgerPage>>('GET', '/api/payments', {
                params: { ...params, limit: EXPORT_PAGE, after: after ?? undefined },
              })
            }
            row={(entry) => entry}
          />
          <button className="link text-sm" onClick={() => void ledger.refetch()} type="button">
            Reload
          </button>
        </span>
      }
      title="Payment ledger"
    >
      <p className="text-muted">Every charge and refund, oldest first. Entries are added, never changed.</p>
      <form
        className="my-3 flex items-end gap-2"
        onSubmit={(event) => {
          event.preventDefault();
          find();
        }}
      >
        <TextField
          label="Order id"
          maxLength={64}
          set={setSearch}
          type="search"
          value={search}
          width="flex-1"
          wrong={isWrong ? 'This is no whole order id. Copy it from the page of the order.' : undefined}
        />
        <Button text="Search" type="submit" />
      </form>
      <QueryState query={ledger} what="The payment ledger" />
      {ledger.isSuccess && ledger.items.length === 0 ? (
        <Empty>{order === '' ? 'No money has moved yet.' : 'No money has moved for this order.'}</Empty>
      ) : null}
      <Table columns={COLUMNS} keyOf={(entry) => entry.position} rows={ledger.items} stacked />
      {isHeldBack ? (
        <p className="mt-2 text-muted">A running transaction hides the newest entries until it ends.</p>
      ) : null}
      <MoreButton query={ledger} text="More" />
    </Card>
  );
}

const COLUMNS: ReadonlyArray<Column<PaymentEntry>> = [
  ['When', ({ created_at }) => <Time at={created_at} />, 'text-muted'],
  ['What', ({ transaction_type }) => transaction_type],
  ['Amount', ({ amount_change, currency }) => formatMovement(amount_change, currency), 'text-right'],
  ['Order', ({ order_id }) => <OrderLink id={order_id} />],
];
