import { jobIs, meanOf } from '../promql.ts';
import { alarm, bars, calm, chart, warning } from './panels.ts';
import type { Rows } from './service-dashboard.ts';

const job = jobIs('inventory');
const labels = `{${job}}`;

/** What only the inventory service has: stock, and the decisions about it. */
export const inventoryRows: Rows = {
  Stock: [
    bars(
      'Stock',
      { '{{item_id}}': `max by (item_id) (inventory_stock_level${labels})` },
      { help: 'Units on hand now.', colors: { 0: alarm, 1: warning, 10: calm }, height: 9, width: 12 },
    ),
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
      {
        help: 'Repeated questions are counted each time; the decision stays the first one.',
        unit: 'ops',
        stacked: true,
      },
    ),
    chart(
      'Ledger entries',
      { '{{type}}': `sum by (type) (rate(inventory_transactions_total${labels}[$__rate_interval]))` },
      { help: 'Movements of stock that were written.', unit: 'ops', stacked: true },
    ),
    chart(
      'Commands in one transaction',
      { mean: meanOf('inventory_batch_size', job, 'job') },
      { help: 'Grows with the load: commands that wait at the same time are decided together.' },
    ),
    chart(
      'Refused for lateness',
      { expired: `sum(rate(inventory_expired_total${labels}[$__rate_interval]))` },
      { help: 'Commands whose caller had already given up; they do not touch the database.', unit: 'ops' },
    ),
  ],
};
