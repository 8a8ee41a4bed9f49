import type { Builder } from '@grafana/grafana-foundation-sdk/cog';
import {
  AnnotationQueryBuilder,
  type Dashboard,
  DashboardBuilder,
  DashboardCursorSync,
  DashboardLinkBuilder,
  DashboardLinkType,
  type Panel,
  RowBuilder,
  type RowPanel,
} from '@grafana/grafana-foundation-sdk/dashboard';
import { DataqueryBuilder } from '@grafana/grafana-foundation-sdk/prometheus';
import { SCRAPE_INTERVAL } from '../thresholds.ts';
import { prometheus } from './panels.ts';

const TAG = 'valerix';

/** Marks on every chart when a fault was armed, with its type and service. */
export const CHAOS_ANNOTATION = 'max by (job, type) (chaos_enabled) > 0';

/** A provisioned dashboard of rows with panels; Grafana does not let users edit it. */
export function dashboard(
  uid: string,
  title: string,
  description: string,
  rows: Record<string, Builder<Panel>[]>,
): Dashboard {
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
  const built = builder.build();
  place(built.panels ?? []);
  return built;
}

/**
 * Lays the panels out from left to right, wrapping at 24 columns, and numbers them: links to a panel then keep working.
 * The builder's own layout lets a panel overlap the edge.
 */
function place(panels: (Panel | RowPanel)[]): void {
  let x = 0;
  let y = 0;
  let lineHeight = 0;
  for (const [index, panel] of panels.entries()) {
    const isRow = panel.type === 'row';
    const { w, h } = isRow ? { w: 24, h: 1 } : (panel.gridPos ?? { w: 8, h: 7 });
    if (isRow || x + w > 24) {
      x = 0;
      y += lineHeight;
      lineHeight = 0;
    }
    panel.id = index + 1;
    panel.gridPos = { x, y, w, h };
    x += w;
    lineHeight = Math.max(lineHeight, h);
  }
}

/** Grafana draws one region for each unbroken run of samples. */
function chaosAnnotation(): AnnotationQueryBuilder {
  return new AnnotationQueryBuilder()
    .name('Chaos')
    .datasource(prometheus)
    .enable(true)
    .iconColor('orange')
    .target(new DataqueryBuilder().refId('Anno').expr(CHAOS_ANNOTATION).interval(SCRAPE_INTERVAL))
    .titleFormat('Fault: {{type}}')
    .textFormat('{{job}}')
    .tagKeys('type')
    .step(SCRAPE_INTERVAL);
}
