import {
  type ArmFaultBody,
  FAILPOINT_TABLES,
  type FailpointTable,
  type FaultMatch,
  type FaultParams,
} from '@valerix/contracts';
import { serviceKey } from '@valerix/system';
import type { FieldError } from '../problem.ts';
import { FAULT_KINDS } from './fault-types.ts';

/** Problems that the schema cannot see: an unknown point, a type that is impossible there, parameters of another type. */
export function checkFault(body: ArmFaultBody): FieldError[] {
  return [...checkPlace(body), ...checkParams(body), ...checkCounting(body)];
}

function checkPlace({ service, point, type, params, match }: ArmFaultBody): FieldError[] {
  const table: FailpointTable = FAILPOINT_TABLES[serviceKey(service)];
  const place = Object.hasOwn(table, point) ? table[point] : undefined;
  if (!place) {
    const names = Object.keys(table).join(', ');
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
  for (const condition of Object.keys(match) as (keyof FaultMatch)[]) {
    if (match[condition] === undefined || place.knows.includes(condition)) continue;
    errors.push({ field: `match.${condition}`, message: `is not known at ${point}` });
  }
  return errors;
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
