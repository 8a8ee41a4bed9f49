/** The available units of items over the last hour, oldest first; `null`: not received. */
export interface StockHistoryView {
  readonly step_seconds: number;
  readonly items: Readonly<Record<string, ReadonlyArray<number | null>>>;
}
