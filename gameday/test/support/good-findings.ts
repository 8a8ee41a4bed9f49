import type { Findings } from '../../src/runner/verdict.ts';

/** The findings of a run that passes. */
export const good: Findings = {
  before: { steady_state_met: true, probes: [] },
  after: { steady_state_met: true, probes: [] },
  violations: [],
  unlisted: 0,
  evidence: [],
  drained: { complete: true, seconds: 1, open: 0, deadLettered: 0 },
  notSent: 0,
  deathsUnseen: [],
  notRecovered: undefined,
  interrupted: undefined,
  failedSteps: [],
  unchecked: undefined,
};
