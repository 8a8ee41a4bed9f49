import { randomUUID } from 'node:crypto';
import type { Command, CommandReply } from '@valerix/contracts';
import { chaosClient } from '../../test/support/chaos-client.ts';
import { ask } from '../../test/support/http.ts';
import { asCaller, TOKEN } from '../../test/support/service-process.ts';

export const operator = (url: string) => chaosClient({ operatorToken: TOKEN }, url);

export const deduction = (order_id: string = randomUUID(), item_id = 'switch', attempt = 1): Command => ({
  op: 'deduct',
  order_id,
  items: [{ item_id, quantity: 1 }],
  attempt,
  deadline_ms: 10_000,
  request_id: 'test',
});

/** Sends commands in one request and returns the replies by index, as far as they came. */
export async function sendCommands(
  url: string,
  commands: Command[],
  timeoutMs = 5_000,
): Promise<Map<number, CommandReply>> {
  const replies = new Map<number, CommandReply>();
  const abort = AbortSignal.timeout(timeoutMs);
  try {
    const response = await fetch(`${url}/api/inventory/commands`, {
      method: 'POST',
      headers: { ...asCaller('ORDER_TO_INVENTORY_CREDENTIAL'), 'Content-Type': 'application/x-ndjson' },
      body: commands.map((command) => JSON.stringify(command)).join('\n'),
      signal: abort,
    });
    let rest = '';
    for await (const chunk of (response.body as ReadableStream).pipeThrough(new TextDecoderStream())) {
      const lines = (rest + chunk).split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) {
        const reply = JSON.parse(line) as CommandReply;
        replies.set(reply.index, reply);
      }
    }
  } catch {
    // Cut off, or given up: what came so far is the answer.
  }
  return replies;
}

/** A sample of `/metrics`; undefined when there is none. */
export async function metric(url: string, name: string): Promise<number | undefined> {
  const { text } = await ask(`${url}/metrics`);
  const line = text.split('\n').find((one) => one.startsWith(`${name} `));
  return line === undefined ? undefined : Number(line.slice(name.length + 1));
}
