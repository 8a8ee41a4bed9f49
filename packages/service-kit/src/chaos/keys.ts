/** The keys of chaos in Redis. Except the halt, none outlives its fault for long. */
export const KEYS = {
  /** Set of the ids of armed faults; `fault:ID` holds each, with the fault's time to live. */
  faults: 'valerix:chaos:faults',
  fault: 'valerix:chaos:fault:',
  /** Hash of one fault: `matched` and `fired`, summed over the replicas. */
  counts: 'valerix:chaos:counts:',
  /** Hash of one counted fault: the turns that were taken. */
  turns: 'valerix:chaos:turns:',
  /** The last halt or re-arming; no expiry. */
  halt: 'valerix:chaos:halt',
  /** Set of the replicas that reported; `replica:NAME` holds each report for three seconds. */
  replicas: 'valerix:chaos:replicas',
  replica: 'valerix:chaos:replica:',
  /** Stream of marks for the orders' timelines. */
  marks: 'valerix:chaos:marks',
  /** A message here says that faults or the halt have changed. */
  channel: 'valerix:chaos:changed',
} as const;

/** How long counters are kept after their last write, seconds: as long as a fault can last. */
export const COUNTER_SECONDS = 3_600;
