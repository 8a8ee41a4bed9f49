import type { Fault, FaultParams, FaultType } from '@valerix/contracts';

/** One firing of a fault, as its type sees it. */
export interface Firing {
  fault: Fault;
  /** The number of this firing, from 1. Counted over all replicas if the fault is counted, otherwise in this process. */
  turn: number;
  /** A number in [0, 1), drawn from the seed. */
  draw: number;
  /** Holds this step for `ms` milliseconds, or until the fault ends. */
  wait(ms: number): Promise<void>;
  /** Holds the whole process for `ms` milliseconds, or until the fault ends. */
  standStill(ms: number): Promise<void>;
  /** True once the fault has ended. */
  over(): boolean;
  /** Resolves when the marks and counts are stored, or after 50 ms. */
  told(): Promise<void>;
  /** The same, and removes the report of this process, which ends now. */
  lastWords(): Promise<void>;
}

/** A type of fault. docs/chaos.md says how to add one. */
export interface FaultKind {
  type: FaultType;
  /** The parameters that it takes; others are refused. */
  params: readonly (keyof FaultParams)[];
  /** What is wrong with the parameters: a message per field. */
  check?(params: FaultParams): Partial<Record<keyof FaultParams, string>>;
  /** True while the fault must not fire in this process. */
  spares?(fault: Fault): boolean;
  /** Returns to let the step go on; throws to make it fail. */
  fire(firing: Firing): Promise<void> | void;
}
