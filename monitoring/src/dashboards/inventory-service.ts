import { dashboard } from './dashboard.ts';
import { alarm, bars, calm, chart, warning } from './panels.ts';
import { processPanels, requestPanels } from './shared-panels.ts';

const labels = '{job="inventory-service"}';

export const inventoryService = dashboard('inventory-service', 'Inventory service', 'How stock is kept and given.', {
  Requests: requestPanels('inventory-service'),
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
      {
        mean: `sum(rate(inventory_batch_size_sum${labels}[$__rate_interval])) / (sum(rate(inventory_batch_size_count${labels}[$__rate_interval])) > 0)`,
      },
      { help: 'Grows with the load: commands that wait at the same time are decided together.' },
    ),
    chart(
      'Refused for lateness',
      { expired: `sum(rate(inventory_expired_total${labels}[$__rate_interval]))` },
      { help: 'Commands whose caller had already given up; they do not touch the database.', unit: 'ops' },
    ),
  ],
  Process: processPanels('inventory-service'),
});
