import { answered, apiClient } from '@valerix/api-client';
import { redriveBody } from '@valerix/contracts';
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
  const { ORDER_URL = '', OPERATOR_TOKEN } = addressesOf(config.home);
  const body = parse(redriveBody, {
    ...(flags.all && { all: true }),
    ...(ids.length > 0 && { order_ids: ids }),
    ...(flags.item !== undefined && { item_id: flags.item }),
    ...(flags.cause !== undefined && { cause: flags.cause }),
    ...(flags.olderThan !== undefined && { older_than_seconds: Number(flags.olderThan) }),
    ...{ by: userName(), reason: flags.reason ?? 'from a terminal' },
  });
  const orders = apiClient('order', ORDER_URL, { token: OPERATOR_TOKEN });
  let total = 0;
  for (let more = true; more; ) {
    const answer = await answered(orders.POST('/api/queue/redrive', { body }));
    total += answer.redriven;
    more = answer.more;
  }
  console.log(`${total} ${total === 1 ? 'order is' : 'orders are'} requeued.`);
  return 0;
}
