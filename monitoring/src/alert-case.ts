/** Samples every 5 s in promtool's notation: `0+10x12` is 0, 10, …, 120; `_` is no sample. */
export type Series = Record<string, string>;

interface Case {
  /** What the case is about. */
  title: string;
  series: Series;
  /** When the alert is looked at. */
  at: string;
}

interface FiringCase extends Case {
  /** The alert's labels beside its name and severity. */
  labels?: Record<string, string>;
  description: string;
}

/** What an alert is tried on: at least one case in which it fires, and one in which it does not. */
export interface AlertCases {
  fires: FiringCase[];
  silent: Case[];
}
