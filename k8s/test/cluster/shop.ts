import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { ask, post } from '../../../test/support/http.ts';

export interface Load {
  /** Ends the load. @returns how many orders were placed, and the failures in words */
  stop(): Promise<{ orders: number; failures: string[] }>;
}

const ITEM = 'monitor';

export type Shop = ReturnType<typeof openShop>;

/** The system as its users see it: through the dashboard's address. */
export function openShop(url: string, operatorToken: string) {
  const headers = { Origin: url };
  let cookie = '';

  const place = (key: string = randomUUID()) =>
    post(`${url}/api/orders`, { item_id: ITEM, quantity: 1 }, { ...headers, 'Idempotency-Key': key });

  /** @throws Error without an acceptance */
  async function placeOnce(key?: string): Promise<void> {
    const { status, text } = await place(key);
    if (status !== 201 && status !== 202) throw new Error(`an order was answered ${status}: ${text.slice(0, 200)}`);
  }

  /** With the same key until it is accepted, as clients do. */
  async function placePatiently(): Promise<void> {
    const key = randomUUID();
    for (let left = 20; ; left--) {
      try {
        return await placeOnce(key);
      } catch (error) {
        if (left === 0) throw error;
        await sleep(500);
      }
    }
  }

  /** Sends a request of the operator. */
  async function operate(method: 'GET' | 'POST', path: string, body?: object) {
    if (!cookie) {
      const signedIn = await post(`${url}/api/session`, { operator_token: operatorToken }, headers);
      if (signedIn.status !== 200) throw new Error(`signing in was answered ${signedIn.status}`);
      cookie = signedIn.headers.get('set-cookie')?.split(';')[0] ?? '';
    }
    const all = { ...headers, cookie };
    const answer =
      method === 'GET' ? await ask(`${url}${path}`, { headers: all }) : await post(`${url}${path}`, body, all);
    if (answer.status >= 300) throw new Error(`${path} was answered ${answer.status}: ${answer.text.slice(0, 200)}`);
    return answer.body;
  }

  return {
    placePatiently,

    /** Places orders at a rate. @param patient false: each has one try */
    startLoad(rate: number, patient: boolean): Load {
      const failures: string[] = [];
      const open: Promise<void>[] = [];
      const placeNext = () => {
        const placed = patient ? placePatiently() : placeOnce();
        open.push(placed.catch((error: Error) => void failures.push(error.message)));
      };
      // One at once, so that no load is empty.
      placeNext();
      const timer = setInterval(placeNext, 1_000 / rate);
      return {
        async stop() {
          clearInterval(timer);
          await Promise.all(open);
          return { orders: open.length, failures };
        },
      };
    },

    operate,

    restock: (quantity: number) =>
      operate('POST', `/api/inventory/${ITEM}/restock`, { restock_id: randomUUID(), quantity }),

    /** The verdict of the system's auditor. */
    verdict: async (): Promise<string> => (await ask(`${url}/api/integrity`)).body.verdict,
  };
}
