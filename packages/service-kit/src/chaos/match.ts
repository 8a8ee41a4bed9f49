import type { FaultMatch } from '@valerix/contracts';
import type { FaultContext } from './fault-context.ts';

/** True when the work meets every condition that is set. */
export function matches(match: FaultMatch, context: FaultContext): boolean {
  const { method, route, item_id, order_id, header } = match;
  if (order_id !== undefined && context.order_id !== order_id) return false;
  if (item_id !== undefined && !context.item_ids?.includes(item_id)) return false;
  if (method !== undefined && context.method?.toUpperCase() !== method.toUpperCase()) return false;
  if (route !== undefined && !context.paths?.some((path) => isRoute(route, path))) return false;
  if (header !== undefined && context.headers?.[header.name.toLowerCase()] !== header.value) return false;
  return true;
}

/** True when the path fits the route template: `/api/orders/42` fits `/api/orders/:id`. */
export function isRoute(template: string, path: string): boolean {
  const wanted = segments(template);
  const given = segments(path);
  return wanted.length === given.length && wanted.every((part, i) => part.startsWith(':') || part === given[i]);
}

const segments = (path: string) => path.split('/').filter((part) => part !== '');
