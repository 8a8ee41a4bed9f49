import type { Alert } from './alerts.ts';
import { type BurnWindow, burnWindows, classroomWindows, errorRatio, requestCount, type Slo, slos } from './slos.ts';

/** Multi-window burn rates, from the table of SLOs. */
export const burnAlerts: readonly Alert[] = slos.flatMap((slo) => burnWindows.map((window) => burnAlert(slo, window)));

/** The same alerts with windows that fit a lesson. They do not page. */
export const classroomAlerts: readonly Alert[] = slos.flatMap((slo) =>
  classroomWindows.map((window) => burnAlert(slo, window)),
);

/** The name of an SLO's alert: OrderAvailabilityBurn, ClassroomLatencyBurn, … */
export function burnAlertName(slo: Slo, window: BurnWindow): string {
  const promise = slo.name === 'availability' ? 'AvailabilityBurn' : 'LatencyBurn';
  return `${window.severity === 'classroom' ? 'Classroom' : 'Order'}${promise}`;
}

/**
 * Fires while both windows burn faster than the factor allows and the long one has enough requests. Enough is one more than
 * the objective needs to forgive a single bad one: with fewer, one failed request at night would be an incident.
 */
function burnAlert(slo: Slo, window: BurnWindow): Alert {
  const allowed = budgetOf(slo, window);
  const tooMuch = trimmed(window.factor * allowed);
  return {
    name: burnAlertName(slo, window),
    severity: window.severity,
    expr: [
      `${errorRatio(slo.name, window.long)} > ${tooMuch}`,
      `and ${errorRatio(slo.name, window.short)} > ${tooMuch}`,
      `and ${requestCount(slo.name, window.long)} > ${minimumRequests(slo, window)}`,
    ].join(' '),
    for: window.for,
    labels: { window: window.long },
    summary: `The ${slo.name} of placing orders burns its error budget`,
    description: `{{ $value | humanizePercentage }} of the orders of the last ${window.long} were bad, ${window.factor} times the budget is ${trimmed(100 * tooMuch)}%.`,
  };
}

export function budgetOf(slo: Slo, window: BurnWindow): number {
  return trimmed(1 - (window.objective ?? slo.objective));
}

export function minimumRequests(slo: Slo, window: BurnWindow): number {
  return Math.round(1 / budgetOf(slo, window));
}

/** Rounds away the error of binary fractions. */
function trimmed(value: number): number {
  return Number(value.toPrecision(6));
}
