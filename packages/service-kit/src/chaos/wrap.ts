import type { FaultContext } from './fault-context.ts';
import type { Injector, Point } from './injector.ts';

export interface Failpoints<P extends string, A extends unknown[], R> {
  /** Passed before the step. */
  before?: P;
  /** Passed after the step has succeeded, before its result is handed on. */
  after?: P;
  /** Whom the step works for; several when it does the work of many at once. */
  context(...args: A): FaultContext | readonly FaultContext[];
  /** Whether the step did what `after` is named for; absent: always. */
  reached?(result: R): boolean;
}

const NOWHERE: Point = { name: '', armed: null };

/**
 * The way chaos reaches a use case: the composition root hands it a decorated collaborator. While nothing is armed at its
 * points, the decorated step calls the step and does nothing else. Without an injector (CHAOS=off) it is the step itself.
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
