/** What chaos keeps in Redis. Nothing here outlives the faults it tells of. */
export const KEYS = {
  /** Set of the ids of armed faults; one string each, with the fault's time to live. */
  faults: 'valerix:chaos:faults',
  fault: 'valerix:chaos:fault:',
  /** Hash of one fault: `matched` and `fired`, as the replicas have counted. */
  counts: 'valerix:chaos:counts:',
  /** Hash of one counted fault: the turns handed out. */
  turns: 'valerix:chaos:turns:',
  /** The last halt or re-arming; no expiry. */
  halt: 'valerix:chaos:halt',
  /** Set of the replicas that reported; one string each, gone soon after its replica. */
  replicas: 'valerix:chaos:replicas',
  replica: 'valerix:chaos:replica:',
  /** Stream of marks for the orders' timelines. */
  marks: 'valerix:chaos:marks',
  /** Published to when faults or the halt changed. */
  channel: 'valerix:chaos:changed',
} as const;

/** How long counters are kept after they were last written, seconds: as long as a fault can live. */
export const COUNTER_SECONDS = 3_600;
