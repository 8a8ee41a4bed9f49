import { hostname, platform, release } from 'node:os';
import { VERSION } from '@valerix/service-kit/version';
import { unlistedOf } from '../checker/check-run.ts';
import type { RunResult } from '../runner/run.ts';

/**
 * The run as a Chaos Toolkit journal (https://chaostoolkit.org/reference/api/journal/), which its tools can read; our own fields
 * are under `valerix`.
 */
export function journalOf(result: RunResult) {
  const { before, after, start, end, basis } = result;
  return {
    'chaoslib-version': `valerix-gameday ${VERSION}`,
    platform: `${platform()} ${release()}`,
    node: hostname(),
    experiment: result.experiment.source,
    start: start.toISOString(),
    status: statusOf(result),
    deviated: result.verdict === 'FAIL',
    steady_states: { before, after: after ?? null, during: [] },
    run: result.method,
    rollbacks: result.rollbacks,
    end: end.toISOString(),
    duration: (end.getTime() - start.getTime()) / 1000,
    valerix: {
      verdict: result.verdict,
      reasons: result.reasons,
      target: result.target,
      seed: result.seed,
      rate: result.rate,
      duration_s: result.durationS,
      key_prefix: result.prefix,
      interrupted: result.interrupted ?? null,
      totals: result.tally.totals,
      not_sent: result.notSent,
      latency_ms: percentiles(result),
      faults: result.faults,
      recoveries: result.recoveries,
      evidence: result.evidence,
      drained: result.drained ?? null,
      growth: result.growth ?? null,
      basis: {
        not_recovered: basis.notRecovered ?? null,
        deaths_unseen: basis.deathsUnseen,
        failed_steps: basis.failedSteps,
        unchecked: basis.unchecked ?? null,
        expect_settled: basis.expectSettled,
        fresh: basis.fresh,
      },
      violations_total: countViolations(result),
      checked: result.checked ? { ...result.checked, violations: undefined } : null,
      violations: result.violations,
      breaker_opened: result.observations.breakerOpened,
      auditor_noticed_at_ms: result.observations.auditorNoticedAt ?? null,
    },
  };
}

/** The number of violations: the listed ones, including those seen only during the run, and those beyond the checker's list. */
export const countViolations = ({ violations, checked }: Pick<RunResult, 'violations' | 'checked'>): number =>
  violations.length + unlistedOf(checked);

export function percentiles({ tally: { latency } }: Pick<RunResult, 'tally'>) {
  const at = (share: number) => Math.round(latency.quantile(share) * 10) / 10;
  return { p50: at(0.5), p90: at(0.9), p95: at(0.95), p99: at(0.99), p999: at(0.999), max: Math.round(latency.max) };
}

/** How the run ended, in the Chaos Toolkit's words; it does not say what the run showed. */
function statusOf({ interrupted, before, verdict }: RunResult): string {
  if (!before.steady_state_met) return 'failed';
  if (interrupted) return 'interrupted';
  return verdict === 'FAIL' ? 'failed' : 'completed';
}
