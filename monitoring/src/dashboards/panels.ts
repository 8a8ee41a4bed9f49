import { PanelBuilder as BarGaugeBuilder } from '@grafana/grafana-foundation-sdk/bargauge';
import {
  BigValueColorMode,
  BigValueGraphMode,
  BigValueTextMode,
  type DataSourceRef,
  GraphThresholdsStyleConfigBuilder,
  GraphThresholdsStyleMode,
  ReduceDataOptionsBuilder,
  SortOrder,
  StackingConfigBuilder,
  StackingMode,
  TooltipDisplayMode,
  VisibilityMode,
  VizLegendOptionsBuilder,
  VizOrientation,
  VizTooltipOptionsBuilder,
} from '@grafana/grafana-foundation-sdk/common';
import {
  MappingType,
  type Threshold,
  ThresholdsConfigBuilder,
  ThresholdsMode,
  type ValueMap,
  type ValueMapping,
} from '@grafana/grafana-foundation-sdk/dashboard';
import { DataqueryBuilder } from '@grafana/grafana-foundation-sdk/prometheus';
import { PanelBuilder as StatBuilder } from '@grafana/grafana-foundation-sdk/stat';
import { PanelBuilder as StateTimelineBuilder } from '@grafana/grafana-foundation-sdk/statetimeline';
import { PanelBuilder as TimeseriesBuilder } from '@grafana/grafana-foundation-sdk/timeseries';

/** The datasource that `grafana/provisioning` installs. */
export const prometheus: DataSourceRef = { type: 'prometheus', uid: 'prometheus' };

/** The expression of each series, by the series' name, in which `{{label}}` stands for the label's value. */
export type Queries = Record<string, string>;

export interface Look {
  /** What the panel shows, and when to look at it. */
  help: string;
  /** A unit id of Grafana: `s`, `ops`, `percentunit`, `bytes`, `short`. */
  unit?: string;
  /** Each colour, by the lowest value that has it. */
  colors?: Record<number, string>;
  /** In 24ths of the dashboard's width. */
  width?: number;
  height?: number;
  stacked?: boolean;
}

/** The colours of the states. Panels also show each state in words, for the colour-blind. */
export const calm = 'green';
export const warning = 'orange';
export const alarm = 'red';

/** Gives a panel what every kind of panel has; `width` and `height` hold unless its look has others. */
function dress(
  panel: TimeseriesBuilder | StatBuilder | BarGaugeBuilder | StateTimelineBuilder,
  title: string,
  queries: Queries,
  { help, unit = 'short', ...look }: Look,
  [width, height]: [number, number] = [8, 7],
): void {
  panel.title(title).description(help).datasource(prometheus).targets(targets(queries)).unit(unit);
  panel.span(look.width ?? width).height(look.height ?? height);
}

/** A line chart over time, one line per series. */
export function chart(title: string, queries: Queries, look: Look): TimeseriesBuilder {
  const panel = new TimeseriesBuilder()
    .min(0)
    .lineWidth(1)
    .fillOpacity(look.stacked ? 40 : 8)
    .showPoints(VisibilityMode.Never)
    .legend(new VizLegendOptionsBuilder().showLegend(true).calcs([]))
    .tooltip(new VizTooltipOptionsBuilder().mode(TooltipDisplayMode.Multi).sort(SortOrder.Descending));
  dress(panel, title, queries, look);
  if (look.stacked) panel.stacking(new StackingConfigBuilder().mode(StackingMode.Normal));
  if (look.colors) {
    panel
      .thresholds(steps(look.colors))
      .thresholdsStyle(new GraphThresholdsStyleConfigBuilder().mode(GraphThresholdsStyleMode.Dashed));
  }
  return panel;
}

/** The latest value, large, in the colour of its state. */
export function tile(title: string, queries: Queries, look: Look & { words?: Record<number, string>; none?: string }) {
  const panel = new StatBuilder()
    .thresholds(steps(look.colors ?? {}))
    .mappings(inWords(look.words ?? {}, look.colors ?? {}))
    .noValue(look.none ?? 'no data')
    .reduceOptions(new ReduceDataOptionsBuilder().calcs(['lastNotNull']))
    .colorMode(BigValueColorMode.Background)
    .graphMode(BigValueGraphMode.None)
    .textMode(
      Object.keys(queries).some((name) => name.includes('{{')) ? BigValueTextMode.ValueAndName : BigValueTextMode.Value,
    );
  dress(panel, title, queries, look, [4, 4]);
  return panel;
}

/** One horizontal bar per series, with its latest value. */
export function bars(title: string, queries: Queries, look: Look) {
  const panel = new BarGaugeBuilder()
    .min(0)
    .thresholds(steps(look.colors ?? {}))
    .orientation(VizOrientation.Horizontal)
    .reduceOptions(new ReduceDataOptionsBuilder().calcs(['lastNotNull']));
  dress(panel, title, queries, look);
  return panel;
}

/** A band per series whose colour is its state at the time. */
export function states(title: string, queries: Queries, look: Look & { words: Record<number, string> }) {
  const panel = new StateTimelineBuilder()
    .thresholds(steps(look.colors ?? {}))
    .mappings(inWords(look.words, look.colors ?? {}))
    .mergeValues(true)
    .showValue(VisibilityMode.Auto);
  dress(panel, title, queries, look, [8, 5]);
  return panel;
}

function targets(queries: Queries): DataqueryBuilder[] {
  return Object.entries(queries).map(([name, expr], index) =>
    new DataqueryBuilder()
      .refId(String.fromCharCode(65 + index))
      .datasource(prometheus)
      .expr(expr)
      .legendFormat(name)
      .range(),
  );
}

function steps(colors: Record<number, string>): ThresholdsConfigBuilder {
  // Sorted: an object lists 0 and 1 before 0.5.
  const [base, ...rest] = Object.entries({ 0: calm, ...colors })
    .map(([value, color]): Threshold => ({ value: Number(value), color }))
    .sort((a, b) => Number(a.value) - Number(b.value));
  return new ThresholdsConfigBuilder()
    .mode(ThresholdsMode.Absolute)
    .steps([{ value: null, color: base?.color ?? calm }, ...rest]);
}

function inWords(words: Record<number, string>, colors: Record<number, string>): ValueMapping[] {
  const options: ValueMap['options'] = {};
  for (const [value, text] of Object.entries(words)) {
    const color = colors[Number(value)];
    options[value] = color ? { text, color } : { text };
  }
  return Object.keys(options).length > 0 ? [{ type: MappingType.ValueToText, options }] : [];
}
