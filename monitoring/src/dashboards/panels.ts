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

/** A chart's queries: what to call each series, and its expression. `{{label}}` is put in. */
export type Queries = Record<string, string>;

export interface Look {
  /** What it shows and why one would look. */
  help: string;
  /** A unit id of Grafana: `s`, `ops`, `percentunit`, `bytes`, `short`. */
  unit?: string;
  /** Where the colour changes: from this value on, this colour. */
  colors?: Record<number, string>;
  /** In 24ths of the dashboard's width. */
  width?: number;
  height?: number;
  stacked?: boolean;
}

/** Colours that stay apart for the colour-blind; the state is said in words as well. */
export const calm = 'green';
export const warning = 'orange';
export const alarm = 'red';

/** A line chart over time, one line per series. */
export function chart(title: string, queries: Queries, look: Look): TimeseriesBuilder {
  const panel = new TimeseriesBuilder()
    .title(title)
    .description(look.help)
    .datasource(prometheus)
    .targets(targets(queries))
    .unit(look.unit ?? 'short')
    .min(0)
    .lineWidth(1)
    .fillOpacity(look.stacked ? 40 : 8)
    .showPoints(VisibilityMode.Never)
    .legend(new VizLegendOptionsBuilder().showLegend(true).calcs([]))
    .tooltip(new VizTooltipOptionsBuilder().mode(TooltipDisplayMode.Multi).sort(SortOrder.Descending))
    .span(look.width ?? 8)
    .height(look.height ?? 7);
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
    .title(title)
    .description(look.help)
    .datasource(prometheus)
    .targets(targets(queries))
    .unit(look.unit ?? 'short')
    .thresholds(steps(look.colors ?? {}))
    .mappings(inWords(look.words ?? {}, look.colors ?? {}))
    .noValue(look.none ?? 'no data')
    .reduceOptions(new ReduceDataOptionsBuilder().calcs(['lastNotNull']))
    .colorMode(BigValueColorMode.Background)
    .graphMode(BigValueGraphMode.None)
    .textMode(
      Object.keys(queries).some((name) => name.includes('{{')) ? BigValueTextMode.ValueAndName : BigValueTextMode.Value,
    )
    .span(look.width ?? 4)
    .height(look.height ?? 4);
  return panel;
}

/** One horizontal bar per series, with its latest value. */
export function bars(title: string, queries: Queries, look: Look) {
  return new BarGaugeBuilder()
    .title(title)
    .description(look.help)
    .datasource(prometheus)
    .targets(targets(queries))
    .unit(look.unit ?? 'short')
    .min(0)
    .thresholds(steps(look.colors ?? {}))
    .orientation(VizOrientation.Horizontal)
    .reduceOptions(new ReduceDataOptionsBuilder().calcs(['lastNotNull']))
    .span(look.width ?? 8)
    .height(look.height ?? 7);
}

/** A band per series whose colour is its state at the time. */
export function states(title: string, queries: Queries, look: Look & { words: Record<number, string> }) {
  return new StateTimelineBuilder()
    .title(title)
    .description(look.help)
    .datasource(prometheus)
    .targets(targets(queries))
    .thresholds(steps(look.colors ?? {}))
    .mappings(inWords(look.words, look.colors ?? {}))
    .mergeValues(true)
    .showValue(VisibilityMode.Auto)
    .span(look.width ?? 8)
    .height(look.height ?? 5);
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
