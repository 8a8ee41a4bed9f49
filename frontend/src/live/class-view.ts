/** The charts that can be presented. */
export const PRESENTED_CHARTS = ['orders', 'times', 'queue'] as const;
export type PresentedChart = (typeof PRESENTED_CHARTS)[number];

/** What an operator shows to a class: one chart, and what to look for. */
export interface Presented {
  readonly chart: PresentedChart;
  readonly title: string;
  readonly note: string;
}

/** A class as everybody may know it. */
export interface ClassView {
  readonly ends_at_ms: number;
  /** `null` while nothing is presented. */
  readonly shown: Presented | null;
}

export const CLASS_LIMITS = { minutes: { min: 5, max: 480 }, title: 120, note: 1_000 } as const;
