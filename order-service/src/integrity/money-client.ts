import { type PaymentEntry, paymentLedgerPage } from '@valerix/contracts';
import { request } from 'undici';

const TIMEOUT_MS = 2_000;
const MAX_PAGE = 1_000;

export interface MoneyClient {
  /** Every committed entry of these orders, at most `MAX_ORDERS_PER_PAYMENT_QUERY`: two an order, as long as I14 holds. */
  ofOrders(orderIds: readonly string[]): Promise<PaymentEntry[]>;
}

/** Reads the payment ledger through the API of the payment service. @throws if it does not answer */
export function createMoneyClient(url: string, credential: string): MoneyClient {
  const headers = { authorization: `Bearer ${credential}` };
  return {
    async ofOrders(orderIds) {
      const path = `/api/payments?limit=${MAX_PAGE}&order_id=${orderIds.join(',')}`;
      const response = await request(`${url}${path}`, { headers, signal: AbortSignal.timeout(TIMEOUT_MS) });
      const text = await response.body.text();
      if (response.statusCode !== 200) throw new Error(`the payment service answered ${response.statusCode}`);
      return paymentLedgerPage.parse(JSON.parse(text)).items;
    },
  };
}
