import type { FaultContext } from './fault-context.ts';
import type { Injector, Point } from './injector.ts';

export interface Failpoints<P extends string, A extends unknown[], R> {
  /** The failpoint before the step. */
  before?: P;
  /** The failpoint after the step has succeeded, before its caller gets the result. */
  after?: P;
  /** The work of the step; several contexts if it does the work of many orders. */
  context(...args: A): FaultContext | readonly FaultContext[];
  /** True if the step did what `after` is named for. Absent: always. */
  reached?(result: R): boolean;
}

const NOWHERE: Point = { name: '', armed: null };

/**
 * How chaos reaches a use case: the composition root gives it a decorated collaborator. While no fault is armed at its points,
 * the decorated step only calls the step. Without an injector (CHAOS=off) it is the step itself.
 */
export function withFailpoints<P extends string, A extends unknown[], R>(
  injector: Injector<P> | undefined,
  step: (...args: A) => Promise<R>,
  options: Failpoints<P, A, R>,
): (...args: A) => Promise<R> {
  if (!injector) return step;
  const { hit } = injector;
  const before = options.before ? injector.point(options.before) : NOWHERE;
  const after = options.after ? injector.point(options.after) : NOWHERE;

  async function pass(point: Point, args: A): Promise<void> {
    if (point.armed === null) return;
    const contexts = [options.context(...args)].flat() as FaultContext[];
    await Promise.all(contexts.map((context) => hit(point, context)));
  }

  async function slow(args: A): Promise<R> {
    await pass(before, args);
    const result = await step(...args);
    if (after.armed !== null && (options.reached?.(result) ?? true)) await pass(after, args);
    return result;
  }

  return (...args) => (before.armed === null && after.armed === null ? step(...args) : slow(args));
}
