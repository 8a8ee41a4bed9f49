import { jobIs } from '../promql.ts';
import { chart } from './panels.ts';
import type { Rows } from './service-dashboard.ts';

const labels = `{${jobIs('payment')}}`;
const charged = (type: string) =>
  `sum by (currency) (rate(payment_amount_cents_total{${jobIs('payment')},type="${type}"}[$__rate_interval]))`;

/** The rows that only the payment service has: money, what waits for the provider, and the comparison with its books. */
export const paymentRows: Rows = {
  Money: [
    chart(
      'Commands by outcome',
      { '{{outcome}}': `sum by (outcome) (rate(payment_decisions_total${labels}[$__rate_interval]))` },
      { help: 'A repeated command counts again; its decision stays the first one.', unit: 'ops', stacked: true },
    ),
    chart(
      'Charges and refunds',
      { '{{type}}': `sum by (type) (rate(payment_transactions_total${labels}[$__rate_interval]))` },
      { help: 'Entries of the ledger: each order has at most one of either.', unit: 'ops' },
    ),
    chart(
      'Revenue a minute',
      { '{{currency}}': `60 / 100 * (${charged('charge')} - (${charged('refund')} or 0 * ${charged('charge')}))` },
      { help: 'Charges minus refunds, in whole units of the currency.' },
    ),
  ],
  Provider: [
    chart(
      'Answers of the provider',
      {
        '{{operation}} {{outcome}}': `sum by (operation, outcome) (rate(payment_provider_seconds_count${labels}[$__rate_interval]))`,
      },
      {
        help: 'no-answer: what the provider did is unknown; the payment stays open, and the worker asks again. ProviderDown fires over half of them.',
        unit: 'ops',
      },
    ),
    chart(
      'Latency of the provider',
      {
        '{{operation}} 95th percentile': `histogram_quantile(0.95, sum by (le, operation) (rate(payment_provider_seconds_bucket${labels}[$__rate_interval])))`,
      },
      { help: 'How long a question takes, by what was asked.', unit: 's' },
    ),
    chart(
      'Webhooks',
      { '{{result}}': `sum by (result) (rate(payment_webhooks_total${labels}[$__rate_interval]))` },
      { help: 'about nothing: of no order of ours. refused: signature or time is wrong.', unit: 'ops', stacked: true },
    ),
  ],
  Open: [
    chart(
      'Payments that wait for the provider',
      { '{{waits_for}}': `max by (waits_for) (payments_open${labels})` },
      { help: 'Counting stops at 10,000.' },
    ),
    chart(
      'Money that waits for the provider',
      { '{{waits_for}}': `max by (waits_for) (payments_open_cents${labels}) / 100` },
      { help: 'Whole units of the currency.' },
    ),
    chart(
      'Oldest payment that waits',
      { '{{waits_for}}': `max by (waits_for) (payments_open_oldest_age_seconds${labels})` },
      { help: 'PaymentsStuck fires over 10 minutes.', unit: 's' },
    ),
    chart(
      "Differences to the provider's books",
      { differences: `max(payment_reconciliation_differences${labels})` },
      {
        help: 'References for which the ledger and the books say different things (I14); IntegrityViolation fires.',
        width: 12,
      },
    ),
    chart(
      'Reconciliation delay',
      { '{{instance}}': `payment_reconciliation_lag_seconds${labels}` },
      { help: 'How long ago the ledger and the books were last compared to their end.', unit: 's', width: 12 },
    ),
  ],
};
