import { type ArmFaultBody, FAILPOINTS, type FaultMatch, type FaultParams, type ServiceName } from '@valerix/contracts';
import type { FieldError } from '../problem.ts';
import { FAULT_KINDS } from './fault-types.ts';

/** What is wrong with a fault beyond its shape: an unknown point, a type the point cannot do, parameters that do not fit. */
export function checkFault(body: ArmFaultBody): FieldError[] {
  return [...checkPlace(body), ...checkParams(body), ...checkCounting(body)];
}

function checkPlace({ service, point, type, params, match }: ArmFaultBody): FieldError[] {
  const ofService = FAILPOINTS.filter((failpoint) => failpoint.service === service);
  const place = ofService.find((failpoint) => failpoint.point === point);
  if (!place) {
    const names = ofService.map((failpoint) => failpoint.point).join(', ');
    return [{ field: 'point', message: `"${point}" is not one of ${service}: ${names}` }];
  }
  const errors: FieldError[] = [];
  if (!place.types.includes(type)) {
    errors.push({
      field: 'type',
      message: `"${type}" is not possible at ${point}; possible: ${place.types.join(', ')}`,
    });
  }
  if (params.dependency !== undefined && point !== `dependency.${params.dependency}`) {
    errors.push({ field: 'params.dependency', message: `does not agree with the point "${point}"` });
  }
  for (const field of unknownConditions(service, point)) {
    if (match[field] !== undefined) errors.push({ field: `match.${field}`, message: `is not known at ${point}` });
  }
  if (point.startsWith('dependency.') && (match.item_id !== undefined || match.order_id !== undefined)) {
    errors.push({ field: 'match', message: 'must be empty: a dependency does not know which order it works for' });
  }
  return errors;
}

/** Conditions that could never hold at a point: a header is only seen at the door, the warehouse knows the route everywhere. */
function unknownConditions(service: ServiceName, point: string): (keyof FaultMatch)[] {
  if (point === 'inbound') return [];
  const routed = service === 'inventory-service' && !point.startsWith('dependency.');
  return routed ? ['header'] : ['header', 'method', 'route'];
}

function checkParams({ type, params }: ArmFaultBody): FieldError[] {
  const kind = FAULT_KINDS[type];
  const taken: readonly string[] = kind.params;
  const given = (Object.keys(params) as (keyof FaultParams)[]).filter((name) => params[name] !== undefined);
  const unknown = given.filter((name) => !taken.includes(name));
  const wrong = 'check' in kind ? Object.entries(kind.check(params)) : [];
  return [
    ...unknown.map((name) => ({ field: `params.${name}`, message: `is not a parameter of ${type}` })),
    ...wrong.map(([name, message]) => ({ field: `params.${name}`, message: message as string })),
  ];
}

function checkCounting({ every_nth, percentage }: ArmFaultBody): FieldError[] {
  if (every_nth === undefined || percentage === 100) return [];
  return [{ field: 'every_nth', message: 'cannot be combined with a percentage' }];
}
