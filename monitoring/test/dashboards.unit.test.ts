import type { Panel, RowPanel } from '@grafana/grafana-foundation-sdk/dashboard';
import { describe, expect, it } from 'vitest';
import { CHAOS_ANNOTATION } from '../src/dashboards/dashboard.ts';
import { dashboards } from '../src/dashboards/index.ts';

const isChart = (panel: Panel | RowPanel): panel is Panel => panel.type !== 'row';

describe.each(Object.entries(dashboards))('%s', (_name, dashboard) => {
  const panels = dashboard.panels ?? [];

  it('shows on every chart when which fault was armed', () => {
    const annotations = dashboard.annotations?.list ?? [];
    expect(annotations.map(({ target }) => (target as unknown as { expr: string }).expr)).toEqual([CHAOS_ANNOTATION]);
  });

  it('has its colours change at rising values', () => {
    for (const panel of panels.filter(isChart)) {
      const values = (panel.fieldConfig?.defaults.thresholds?.steps ?? []).map(({ value }) => Number(value));
      expect(values, panel.title).toEqual(values.toSorted((a, b) => a - b));
    }
  });

  it('says of every panel what it is, and has it in a place of its own', () => {
    const cells = new Set<string>();
    for (const panel of panels.filter(isChart)) {
      expect(panel.description, panel.title).toBeTruthy();
      const { x, y, w, h } = panel.gridPos ?? { x: 0, y: 0, w: 0, h: 0 };
      expect(x + w, panel.title).toBeLessThanOrEqual(24);
      for (let column = x; column < x + w; column++) {
        for (let row = y; row < y + h; row++) {
          expect(cells.has(`${column} ${row}`), `${panel.title} lies on another panel`).toBe(false);
          cells.add(`${column} ${row}`);
        }
      }
    }
    expect(new Set(panels.map(({ id }) => id)).size).toBe(panels.length);
  });
});
