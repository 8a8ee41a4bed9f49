import { randomUUID } from 'node:crypto';
import type { Work } from './plan.ts';

export interface NextRequest {
  text: string;
  key: string;
}

/** Hands out the requests of a plan one after the other, as text. */
export function requestMaker(url: URL, work: Work): () => NextRequest {
  let turn = 0;
  const next = (list: readonly string[]) => list[turn++ % list.length] as string;
  switch (work.kind) {
    case 'order':
      return () => {
        const key = randomUUID();
        return { text: post(url, '/api/orders', orderBody(next(work.items)), key), key };
      };
    case 'replay':
      return () => {
        const key = next(work.keys);
        return { text: post(url, '/api/orders', orderBody(work.item), key), key };
      };
    case 'get':
      return () => ({ text: `GET ${next(work.paths)} HTTP/1.1\r\nHost: ${url.host}\r\n\r\n`, key: '' });
    case 'echo':
      return () => {
        const key = randomUUID();
        return { text: post(url, '/echo', orderBody('ps5'), key), key };
      };
  }
}

const orderBody = (item: string): string => `{"item_id":"${item}","quantity":1}`;

function post(url: URL, path: string, body: string, key: string): string {
  return (
    `POST ${path} HTTP/1.1\r\nHost: ${url.host}\r\nContent-Type: application/json\r\n` +
    `Content-Length: ${body.length}\r\nIdempotency-Key: ${key}\r\n\r\n${body}`
  );
}
