import { useState } from 'react';
import { useAction } from '../browser/use-task.ts';
import { SCENARIOS } from '../chaos/scenarios.ts';
import { STEPS } from '../demo/steps.ts';
import { CLASS_LIMITS, PRESENTED_CHARTS, type Presented, type PresentedChart } from '../live/class-view.ts';
import { Card } from '../ui/card.tsx';
import { Button } from '../ui/controls.tsx';
import { Outcome, SelectField, TextField } from '../ui/forms.tsx';

/** Steps with their notes, ready to be shown: those of the scenarios and of the tour. */
const PREPARED: readonly Presented[] = [
  ...SCENARIOS.map(({ title, chart, watch }) => ({ title, chart, note: watch.join('\n') })),
  ...STEPS.map(({ title, why, expect }, index) => ({
    title: `Tour, step ${index + 1}: ${title}`,
    chart: 'orders' as const,
    note: `${why}\n${expect}`,
  })),
];
const [FIRST] = PREPARED;
const CHART_WORDS: Record<PresentedChart, string> = {
  orders: 'Orders per second',
  times: 'Response time',
  queue: 'Queue',
};
const CHARTS = PRESENTED_CHARTS.map((chart) => [chart, CHART_WORDS[chart]] as const);

/** Chooses what the class sees: a chart, and the notes of a step. */
export function PresentForm({ open, shown }: { open: boolean; shown: Presented | null }) {
  const action = useAction();
  const [next, setNext] = useState<Presented>(FIRST ?? { title: '', chart: 'orders', note: '' });
  const present = (what: Presented | null) => void action.send('PATCH', '/api/class', { shown: what });
  return (
    <Card className="space-y-2" label="Present" title="Present">
      <SelectField
        label="Step"
        options={PREPARED.map(({ title }, index) => [index, title] as const)}
        set={(index) => setNext(PREPARED[Number(index)] ?? next)}
        value={Math.max(
          0,
          PREPARED.findIndex(({ title }) => title === next.title),
        )}
      />
      <SelectField
        label="Chart"
        options={CHARTS}
        set={(chart) => setNext({ ...next, chart: chart as PresentedChart })}
        value={next.chart}
      />
      <TextField
        label="Title"
        maxLength={CLASS_LIMITS.title}
        set={(title) => setNext({ ...next, title })}
        value={next.title}
      />
      <label className="block">
        <span className="label">Notes, one a line</span>
        <textarea
          className="field"
          maxLength={CLASS_LIMITS.note}
          onChange={({ target }) => setNext({ ...next, note: target.value })}
          rows={4}
          value={next.note}
        />
      </label>
      <div className="flex flex-wrap gap-2">
        <Button busy={action.busy} disabled={!open} main onClick={() => present(next)} text="Show it to the class" />
        <Button busy={action.busy} disabled={shown === null} onClick={() => present(null)} text="Show nothing" />
      </div>
      <p className="text-muted" role="status">
        {open ? shown && `The class sees: ${shown.title}.` : 'Open a class first.'}
      </p>
      <Outcome action={action} />
    </Card>
  );
}
