import { jobIs, meanOf } from '../promql.ts';
import { chart } from './panels.ts';
import type { Rows } from './service-dashboard.ts';
import { stockBars } from './shared-panels.ts';

const job = jobIs('inventory');
const labels = `{${job}}`;

/** The rows that only the inventory service has: stock, and the decisions about it. */
export const inventoryRows: Rows = {
  Stock: [
    stockBars({ width: 12, height: 9 }),
    chart(
      'Stock over time',
      { '{{item_id}}': `max by (item_id) (inventory_stock_level${labels})` },
      { help: 'Falls with orders, rises with releases and restocks.', height: 9, width: 12 },
    ),
  ],
  Decisions: [
    chart(
      'Decisions by outcome',
      { '{{outcome}}': `sum by (outcome) (rate(inventory_decisions_total${labels}[$__rate_interval]))` },
      { help: 'A repeated command counts again; its decision stays the first one.', unit: 'ops', stacked: true },
    ),
    chart(
      'Ledger entries',
      { '{{type}}': `sum by (type) (rate(inventory_transactions_total${labels}[$__rate_interval]))` },
      { help: 'Changes of stock, by type.', unit: 'ops', stacked: true },
    ),
    chart(
      'Commands in one transaction',
      { mean: meanOf('inventory_batch_size', job, 'job') },
      { help: 'Grows with load: commands that wait at the same time are decided together.' },
    ),
    chart(
      'Expired commands',
      { expired: `sum(rate(inventory_expired_total${labels}[$__rate_interval]))` },
      { help: 'Commands whose caller had already given up; they never reach the database.', unit: 'ops' },
    ),
  ],
};
