import type { Fault, FaultType } from '@valerix/contracts';
import { declaration, SERVICES, serviceKey } from '@valerix/system';
import { formatShortTime } from '../browser/format.ts';
import { serviceWords } from '../live/services.ts';

type Described = Pick<
  Fault,
  'service' | 'point' | 'type' | 'percentage' | 'params' | 'match' | 'every_nth' | 'max_hits'
>;

/** A fault as a sentence, such as "30 % of deductions are committed, then get no answer." */
export function faultSentence(fault: Described): string {
  return `${shareOf(fault)} ${subjectOf(fault)}${scopeOf(fault)} ${momentOf(fault)}${EFFECTS[fault.type](fault.params)}${limitOf(fault)}.`;
}

/** The reason of an operator's action; the services write "not given" where none was. */
export const reasonWords = (reason: string): string => (reason === 'not given' ? 'no reason given' : reason);

function limitOf({ max_hits }: Described): string {
  if (max_hits === undefined) return '';
  return max_hits === 1 ? ', at most once' : `, at most ${max_hits} times`;
}

function shareOf({ every_nth, percentage }: Described): string {
  if (every_nth !== undefined && every_nth > 1) return `One in ${every_nth}`;
  return percentage >= 100 ? 'All' : `${Math.round(percentage * 10) / 10} % of`;
}

const DEDUCT = '/api/inventory/deduct';
const PLACE = '/api/orders';

function subjectOf({ service, point, match, params }: Described): string {
  if (point.startsWith('dependency.')) {
    const name = point === 'dependency.redis' || params.dependency === 'redis' ? 'Redis' : 'PostgreSQL';
    return `calls of ${nameOf(service)} to ${name}`;
  }
  if (point === 'outbound') return `calls to ${calledBy(service)}`;
  if (point === 'webhook.before-send') return 'webhooks';
  const isMoney = service === SERVICES.payment.name || service === SERVICES.provider.name;
  if (isMoney && point !== 'inbound') return 'charges and refunds';
  if (point.startsWith('worker.') || point.startsWith('queue')) return 'queued orders';
  if (point.startsWith('cancel.')) return 'cancellations';
  if (point.startsWith('order.')) return 'orders';
  if (point.startsWith('saga.')) return 'paid orders';
  if (match.route === DEDUCT) return 'deductions';
  if (match.route === PLACE && match.method === 'POST') return 'orders';
  return point === 'inbound' ? `requests to ${nameOf(service)}` : 'deductions and releases';
}

const MOMENTS: Record<string, string> = {
  inbound: '',
  outbound: '',
  'dependency.postgres': '',
  'dependency.redis': '',
  'after-commit': 'are committed, then ',
  'ledger.before-decide': 'come before the decision, then ',
  'ledger.before-commit': 'are decided but not committed, then ',
  'order.before-create': 'are read but not stored, then ',
  'order.after-create': 'are stored, then ',
  'order.before-answer': 'get their decision, then ',
  'order.after-answer': 'have their answer stored, then ',
  'queue.before-push': 'are about to be announced, then ',
  'queue-consume': 'are read by the worker, then ',
  'worker.after-claim': 'are claimed by the worker, then ',
  'worker.before-settle': 'are answered by the participants, then ',
  'worker.after-settle': 'are settled by the worker, then ',
  'saga.after-reserve': 'have their stock reserved, then ',
  'saga.after-charge': 'are charged, then ',
  'saga.after-commit': 'have their reservation committed, then ',
  'saga.after-refund': 'are refunded, then ',
  'payment.before-intent': 'are about to be written down, then ',
  'payment.after-intent': 'are written down, then ',
  'payment.before-book': 'are answered by the provider, then ',
  'charge.before-commit': 'are asked for but not booked, then ',
  'webhook.before-send': 'are due, then ',
  'cancel.after-mark': 'are marked, then ',
  'cancel.before-settle': 'are undone, then ',
};

const momentOf = ({ point }: Described): string => MOMENTS[point] ?? `pass "${point}", then `;

const nameOf = (service: Described['service']): string => `the ${serviceWords(serviceKey(service))}`;

const calledBy = (service: Described['service']): string =>
  declaration(serviceKey(service))
    .calls.map((key) => `the ${serviceWords(key)}`)
    .join(' or ') || 'other services';

function scopeOf({ match }: Pick<Described, 'match'>): string {
  const parts: string[] = [];
  const isSubject = match.route === DEDUCT || (match.route === PLACE && match.method === 'POST');
  if (!isSubject && (match.method || match.route)) {
    parts.push(`on ${[match.method, match.route].filter(Boolean).join(' ')}`);
  }
  if (match.item_id) parts.push(`with item ${match.item_id}`);
  if (match.order_id) parts.push(`for order ${match.order_id.slice(-8)}`);
  if (match.header) parts.push(`with header ${match.header.name}: ${match.header.value}`);
  return parts.length === 0 ? '' : ` ${parts.join(' and ')}`;
}

const EFFECTS: Record<FaultType, (params: Described['params']) => string> = {
  latency: delayOf,
  error: ({ status = 500 }) => `get an error ${status}`,
  reset: () => 'lose their connection',
  'drop-response': () => 'get no answer',
  crash: () => 'kill the process',
  hang: ({ hang_ms = 0 }) => `freeze the process for ${formatShortTime(hang_ms)}`,
  'dependency-slow': (params) => `${delayOf(params)} more`,
  'dependency-refuse': () => 'are refused',
};

function delayOf({ pattern_ms, latency_ms = 0, latency_max_ms }: Described['params']): string {
  if (pattern_ms !== undefined) return `wait ${pattern_ms.map(formatShortTime).join(', ')} in turn`;
  const most = latency_max_ms === undefined ? '' : ` to ${formatShortTime(latency_max_ms)}`;
  return `wait ${formatShortTime(latency_ms)}${most}`;
}
