import { installationOf } from '../installation.ts';

export type ChaosKeys = ReturnType<typeof chaosKeys>;

/**
 * The keys of chaos in Redis, of one installation. Except the halt, none outlives its fault for long.
 * @param operatorToken its installation's: whoever has it may break and halt just these processes
 */
export function chaosKeys(operatorToken: string | undefined) {
  const start = `valerix:chaos:${installationOf(operatorToken)}`;
  return {
    /** Set of the ids of armed faults; `fault:ID` holds each, with the fault's time to live. */
    faults: `${start}:faults`,
    fault: `${start}:fault:`,
    /** Hash of one fault: `matched` and `fired`, summed over the replicas. */
    counts: `${start}:counts:`,
    /** Hash of one counted fault: the turns that were taken. */
    turns: `${start}:turns:`,
    /** The last halt or re-arming; no expiry. */
    halt: `${start}:halt`,
    /** Set of the replicas that reported; `replica:NAME` holds each report for three seconds. */
    replicas: `${start}:replicas`,
    replica: `${start}:replica:`,
    /** Stream of marks for the orders' timelines. */
    marks: `${start}:marks`,
    /** A message here says that faults or the halt have changed. */
    channel: `${start}:changed`,
  };
}

/** How long counters are kept after their last write, seconds: as long as a fault can last. */
export const COUNTER_SECONDS = 3_600;
