import { type RedriveBody, redriveAnswer, redriveBody } from '@valerix/contracts';
import { parse } from '@valerix/service-kit/problem';
import type { LocalConfig } from '../config.ts';
import { addressesOf, userName } from './operator.ts';

/** The options of the command line, where a number is a text. */
export interface RedriveFlags {
  all?: true;
  item?: string;
  cause?: string;
  olderThan?: string;
  reason?: string;
}

/** Requeues the dead letters of the local stack that meet every condition, until none is left. @returns the exit code */
export async function redrive(config: LocalConfig, ids: string[], flags: RedriveFlags): Promise<number> {
  const { ORDER_URL, OPERATOR_TOKEN } = addressesOf(config.home);
  const body = parse(redriveBody, {
    ...(flags.all && { all: true }),
    ...(ids.length > 0 && { order_ids: ids }),
    ...(flags.item !== undefined && { item_id: flags.item }),
    ...(flags.cause !== undefined && { cause: flags.cause }),
    ...(flags.olderThan !== undefined && { older_than_seconds: Number(flags.olderThan) }),
    ...{ by: userName(), reason: flags.reason ?? 'from a terminal' },
  });
  let total = 0;
  for (let more = true; more; ) {
    const answer = await send(`${ORDER_URL}/api/queue/redrive`, OPERATOR_TOKEN, body);
    total += answer.redriven;
    more = answer.more;
  }
  console.log(`${total} ${total === 1 ? 'order is' : 'orders are'} requeued.`);
  return 0;
}

async function send(url: string, token: string | undefined, body: RedriveBody) {
  const answer = await fetch(url, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    body: JSON.stringify(body),
    signal: AbortSignal.timeout(15_000),
  });
  const text = await answer.text();
  if (!answer.ok) throw new Error(`The order service answered ${answer.status}: ${text}`);
  return redriveAnswer.parse(JSON.parse(text));
}
