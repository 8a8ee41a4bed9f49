import { forgetAnswer } from '@valerix/contracts';
import { request } from 'undici';

const TIMEOUT_MS = 2_000;

export interface ForgetClient {
  /** Tells every participant that the orders with a smaller id are gone. @throws if one does not answer; telling it again is safe */
  mayForget(ordersBefore: string): Promise<void>;
}

/** @param participants the address of each, and this service's credential for it */
export const createForgetClient = (...participants: { url: string; credential: string }[]): ForgetClient => ({
  async mayForget(ordersBefore) {
    for (const { url, credential } of participants) {
      const { statusCode, body } = await request(url, {
        method: 'POST',
        headers: { authorization: `Bearer ${credential}`, 'content-type': 'application/json' },
        body: JSON.stringify({ orders_before: ordersBefore }),
        signal: AbortSignal.timeout(TIMEOUT_MS),
      });
      const text = await body.text();
      if (statusCode !== 200) throw new Error(`${url} answered ${statusCode}`);
      forgetAnswer.parse(JSON.parse(text));
    }
  },
});
