import type { Builder } from '@grafana/grafana-foundation-sdk/cog';
import {
  AnnotationQueryBuilder,
  DashboardBuilder,
  DashboardCursorSync,
  DashboardLinkBuilder,
  DashboardLinkType,
  type Panel,
  RowBuilder,
} from '@grafana/grafana-foundation-sdk/dashboard';
import { DataqueryBuilder } from '@grafana/grafana-foundation-sdk/prometheus';
import { SCRAPE_INTERVAL } from '../thresholds.ts';
import { prometheus } from './panels.ts';

const TAG = 'valerix';

/** When which kind of fault was armed, drawn over every chart of every dashboard. */
export const CHAOS_ANNOTATION = 'max by (type) (inventory_chaos_enabled or order_chaos_enabled) > 0';

/** A dashboard of rows with panels, provisioned: nothing on it is changed by hand. */
export function dashboard(
  uid: string,
  title: string,
  description: string,
  rows: Record<string, Builder<Panel>[]>,
): DashboardBuilder {
  const builder = new DashboardBuilder(`Valerix: ${title}`)
    .uid(`valerix-${uid}`)
    .description(description)
    .tags([TAG])
    .time({ from: 'now-15m', to: 'now' })
    .refresh(SCRAPE_INTERVAL)
    .timezone('browser')
    .tooltip(DashboardCursorSync.Crosshair)
    .readonly()
    .link(
      new DashboardLinkBuilder('Valerix')
        .type(DashboardLinkType.Dashboards)
        .tags([TAG])
        .keepTime(true)
        .asDropdown(false),
    )
    .annotation(chaosAnnotation());
  for (const [name, panels] of Object.entries(rows)) {
    builder.withRow(new RowBuilder(name));
    for (const panel of panels) builder.withPanel(panel);
  }
  return builder;
}

/** Grafana makes one region of every unbroken run of samples. */
function chaosAnnotation(): AnnotationQueryBuilder {
  return new AnnotationQueryBuilder()
    .name('Chaos')
    .datasource(prometheus)
    .enable(true)
    .iconColor('orange')
    .target(new DataqueryBuilder().refId('Anno').expr(CHAOS_ANNOTATION).interval(SCRAPE_INTERVAL))
    .titleFormat('Fault: {{type}}')
    .textFormat('armed')
    .tagKeys('type')
    .step(SCRAPE_INTERVAL);
}
