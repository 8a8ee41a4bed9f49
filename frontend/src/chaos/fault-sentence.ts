import type { Fault, FaultType } from '@valerix/contracts';

type Described = Pick<Fault, 'service' | 'point' | 'type' | 'percentage' | 'params' | 'match'> & {
  readonly every_nth?: number | undefined;
  readonly max_hits?: number | undefined;
};

/**
 * A fault in a plain sentence: how many of what, where, and what then happens. For example "30 % of requests to the
 * inventory service are done and committed, then no answer is sent."
 */
export function faultSentence(fault: Described): string {
  const share = shareOf(fault);
  const limit = fault.max_hits === undefined ? '' : `, at most ${fault.max_hits} times`;
  return `${share} ${placeOf(fault)}${scopeOf(fault)}${effectOf(fault)}${limit}.`;
}

function shareOf({ every_nth, percentage }: Described): string {
  if (every_nth !== undefined && every_nth > 1) return `One in ${every_nth}`;
  return percentage >= 100 ? 'All' : `${percentage} % of`;
}

function placeOf({ service, point }: Described): string {
  const name = service === 'order-service' ? 'the order service' : 'the inventory service';
  if (point === 'inbound') return `requests to ${name}`;
  if (point === 'after-commit') return `requests that ${name} has committed`;
  if (point === 'outbound') return `calls made by ${name}`;
  if (point === 'queue-consume') return `queued orders taken by ${name}`;
  if (point === 'dependency') return `queries of ${name}`;
  return `passes of ${name} through "${point}"`;
}

/** Which requests are meant, when not all are. */
export function scopeOf({ match }: Pick<Described, 'match'>): string {
  const parts: string[] = [];
  if (match.method || match.route) parts.push(`on ${[match.method, match.route].filter(Boolean).join(' ')}`);
  if (match.item_id) parts.push(`with item ${match.item_id}`);
  if (match.order_id) parts.push(`for order ${match.order_id.slice(0, 8)}`);
  if (match.header) parts.push(`with header ${match.header.name}: ${match.header.value}`);
  return parts.length === 0 ? '' : ` ${parts.join(' and ')}`;
}

function effectOf({ type, params }: Described): string {
  const effects: Record<FaultType, string> = {
    latency: ` ${delayOf(params)}`,
    error: ` are answered ${params.status ?? 500}`,
    reset: ' have their connection cut',
    'drop-response': ' are never answered',
    crash: ' kill the process',
    hang: ` block the whole process for ${seconds(params.hang_ms ?? 0)}`,
    'dependency-slow': ` find ${dependency(params.dependency)} slow: ${seconds(params.latency_ms ?? 0)} more`,
    'dependency-refuse': ` are refused by ${dependency(params.dependency)}`,
  };
  return effects[type];
}

function delayOf(params: Described['params']): string {
  if (params.pattern_ms !== undefined) return `wait in turn ${params.pattern_ms.map(seconds).join(', ')}`;
  const low = params.latency_ms ?? 0;
  if (params.latency_max_ms === undefined) return `wait ${seconds(low)}`;
  return `wait ${seconds(low)} to ${seconds(params.latency_max_ms)}`;
}

function dependency(name: 'postgres' | 'redis' | undefined): string {
  if (name === 'redis') return 'Redis';
  return name === 'postgres' ? 'PostgreSQL' : 'the dependency';
}

function seconds(ms: number): string {
  return ms < 1000 ? `${ms} ms` : `${ms / 1000} s`;
}
