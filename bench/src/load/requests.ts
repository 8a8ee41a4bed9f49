import { randomUUID } from 'node:crypto';
import type { Work } from './plan.ts';

export interface NextRequest {
  text: string;
  key: string;
}

/** Returns a function that makes the requests of a plan, one after the other, as text. */
export function requestMaker(url: URL, work: Work): () => NextRequest {
  let turn = 0;
  const next = (list: readonly string[]) => list[turn++ % list.length] as string;
  const order = (path: string, item: string, key: string, paid?: true, token?: string): NextRequest => {
    const body = `{"item_id":"${item}","quantity":1${paid ? ',"payment":{"token":"tok_ok"}' : ''}}`;
    const head =
      `POST ${path} HTTP/1.1\r\nHost: ${url.host}\r\nContent-Type: application/json\r\n` +
      `Content-Length: ${body.length}\r\nIdempotency-Key: ${key}\r\n${token ? `Authorization: Bearer ${token}\r\n` : ''}\r\n`;
    return { text: head + body, key };
  };
  switch (work.kind) {
    case 'order': {
      const { items, paid, tokens } = work;
      return () => order('/api/orders', next(items), randomUUID(), paid, tokens?.[turn % tokens.length]);
    }
    case 'replay':
      return () => order('/api/orders', work.item, next(work.keys));
    case 'get':
      return () => ({ text: `GET ${next(work.paths)} HTTP/1.1\r\nHost: ${url.host}\r\n\r\n`, key: '' });
    case 'echo':
      return () => order('/echo', 'ps5', randomUUID());
  }
}
