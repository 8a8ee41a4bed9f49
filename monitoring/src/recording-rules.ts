import { anyJob, meanOf, ratio } from './promql.ts';
import { secondsOf, slos, sloWindows } from './slos.ts';

export interface RecordingRule {
  record: string;
  expr: string;
  labels?: Record<string, string>;
}

/**
 * The one definition of a service's average response time, in seconds, over 30 s: the time spent on requests divided by their
 * number. Without requests there is no average, rather than NaN. The dashboard computes the same from `/metrics`.
 */
export const AVERAGE_RESPONSE_TIME = 'valerix:response_time_seconds:avg30s';

export const nowRules: readonly RecordingRule[] = [
  { record: AVERAGE_RESPONSE_TIME, expr: meanOf('http_request_duration_seconds', anyJob, 'job', '30s') },
];

/** Per SLO and window: the share of bad requests and the number of requests. Long windows change slowly, so they are evaluated less often. */
export const sloRules = {
  short: rulesOf(sloWindows.filter((window) => secondsOf(window) < 300)),
  medium: rulesOf(sloWindows.filter((window) => secondsOf(window) >= 300 && secondsOf(window) < 6 * 3600)),
  long: rulesOf(sloWindows.filter((window) => secondsOf(window) >= 6 * 3600)),
};

function rulesOf(windows: readonly string[]): RecordingRule[] {
  return windows.flatMap((window) =>
    slos.flatMap((slo) => {
      const total = slo.total.replaceAll('$w', window);
      const bad = slo.bad.replaceAll('$w', window);
      const labels = { slo: slo.name };
      return [
        { record: `valerix:slo_errors:ratio_rate${window}`, expr: ratio(bad, total), labels },
        { record: `valerix:slo_requests:increase${window}`, expr: `${total} * ${secondsOf(window)}`, labels },
      ];
    }),
  );
}
