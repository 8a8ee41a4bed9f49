import { percentile } from '@valerix/contracts';
import type { Sample } from './observe.ts';
import type { Second } from './tally.ts';

/** A series of a run by quarters of its duration; undefined for a quarter in which it was not measured. */
interface Series {
  name: string;
  unit: 'ms' | 'MB';
  quarters: (number | undefined)[];
}

/** How far a run's latency and memory grew, and by how much they may. */
export interface Growth {
  /** A share: 0.1 is ten percent. */
  limit: number;
  series: Series[];
}

/**
 * Measures each quarter of a run. Latency: the median of the p95 of its seconds, so the few seconds of a fault do not decide. Memory: what
 * a process exceeds for a tenth of the time. Collections, restarts and idle minutes lower the median; a leak raises the top. Pure.
 * Compare the last quarter with the second: in the first one, pools and caches fill.
 */
export function growthOf(
  limit: number,
  durationS: number,
  seconds: readonly Second[],
  samples: readonly Sample[],
): Growth {
  const quarters = <T>(
    values: readonly T[],
    share: number,
    second: (value: T, index: number) => number,
    of: (value: T) => number | undefined,
  ) =>
    [0, 1, 2, 3].map((quarter) => {
      const own = values.filter((value, index) => Math.floor((4 * second(value, index)) / durationS) === quarter);
      const found = percentile(
        own.flatMap((value) => of(value) ?? []),
        share,
      );
      return found === undefined ? undefined : Math.round(found * 10) / 10;
    });
  const p95 = ({ latency }: Second) => (latency.count === 0 ? undefined : latency.quantile(0.95));
  const names = [...new Set(samples.flatMap(({ memory = {} }) => Object.keys(memory)))].sort();
  return {
    limit,
    series: [
      { name: 'p95 of the orders', unit: 'ms', quarters: quarters(seconds, 0.5, (_, second) => second, p95) },
      ...names.map((name) => ({
        name: `memory of ${name}`,
        unit: 'MB' as const,
        quarters: quarters(
          samples,
          0.9,
          ({ t }) => t / 1000,
          ({ memory }) => memory?.[name] && memory[name] / 1e6,
        ),
      })),
    ],
  };
}

/** From the second quarter to the last: 0.1 is ten percent more; undefined if one of them was not measured. */
export function shareGrown({ quarters: [, second, , last] }: Pick<Series, 'quarters'>): number | undefined {
  return second && last ? last / second - 1 : undefined;
}

/** What grew beyond the limit, in words. */
export const grown = (growth: Growth | undefined): string[] =>
  (growth?.series ?? []).flatMap((one) => {
    const share = shareGrown(one) ?? 0;
    if (!growth || share <= growth.limit) return [];
    const [, second, , last] = one.quarters;
    const percent = Math.round(share * 100);
    return `The ${one.name} grew by ${percent} % from the second quarter to the last (${second} to ${last} ${one.unit}).`;
  });

/** What cannot be judged, in words. */
export const unmeasured = (growth: Growth | undefined): string[] =>
  (growth?.series ?? []).flatMap((one) =>
    shareGrown(one) === undefined ? `Not measured in the second and the last quarter: the ${one.name}.` : [],
  );
