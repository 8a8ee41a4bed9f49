import type { Client } from '@valerix/service-kit/postgres';
import { type RetainOptions, Wait } from '@valerix/service-kit/retention/retain';
import type { Auditor } from './integrity/audit-integrity.ts';
import type { CheckpointStore } from './integrity/checkpoint-store.ts';
import type { ForgetClient } from './integrity/forget-client.ts';
import { forgetKeys, hasOpenOrders, keepKeys } from './order-keys-store.ts';

/** The tables whose history is dropped, in the order in which orders lock them. */
export const ORDER_TABLES: RetainOptions['tables'] = [
  { name: 'orders', by: 'order_id' },
  { name: 'order_events', by: 'order_id' },
];
/** More than the clocks of two databases differ. */
const MARGIN_MS = 2_000;

export interface DropHistoryDeps {
  auditor: Pick<Auditor, 'state'>;
  memory: Pick<CheckpointStore, 'readToMs'>;
  participants: ForgetClient;
}

/** The order service's part of the retention: what must be true before orders are dropped, and what follows. */
export function dropHistory({
  auditor,
  memory,
  participants,
}: DropHistoryDeps): Pick<RetainOptions, 'tables' | 'prepare' | 'close' | 'afterwards'> {
  let keysForgotten = '';
  let told = '';
  /** What is gone, and when that was first seen: the participants hear of it later. */
  let untold: { goneBefore: string; seenMs: number } | undefined;
  return {
    tables: ORDER_TABLES,
    prepare: keepKeys,

    async close({ parts: [orders = ''] }, client) {
      const requireSettled = async (locked: Client) => {
        if (await hasOpenOrders(locked, orders)) throw new Wait(`${orders} has an order that is not settled`);
      };
      // What is gone can be audited no more, and a violation's traces must stay.
      if (auditor.state().verdict !== 'ok') throw new Wait(`the audit's verdict is ${auditor.state().verdict}, not ok`);
      // Before the lock, so that an open order costs none; and under it, where no order can move.
      await requireSettled(client);
      return requireSettled;
    },

    async afterwards({ goneBefore, goneAtMs, nowMs }, client, signal) {
      if (goneAtMs === null) return;
      if (keysForgotten !== goneBefore) await forgetKeys(client, goneBefore, signal);
      keysForgotten = goneBefore;
      if (told !== goneBefore) untold ??= { goneBefore, seenMs: nowMs };
      // The saved checkpoint must have every entry of the ledger about these orders: its sums then need them no more.
      if (!untold || (await memory.readToMs()) < untold.seenMs + MARGIN_MS || auditor.state().verdict !== 'ok') return;
      await participants.mayForget(untold.goneBefore);
      told = untold.goneBefore;
      untold = undefined;
    },
  };
}
