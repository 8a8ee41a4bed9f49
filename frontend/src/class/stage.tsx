import { useRef } from 'react';
import type { Presented } from '../live/class-view.ts';
import { PresentedChart } from '../overview/charts.tsx';
import { Button } from '../ui/controls.tsx';
import { Empty } from '../ui/parts.tsx';

/** What is presented: one large chart and the notes of the step. It can fill the screen. */
export function Stage({ shown }: { shown: Presented | null }) {
  const place = useRef<HTMLElement>(null);
  if (shown === null) return <Empty>Nothing is presented now.</Empty>;
  const lines = shown.note.split('\n').filter((line) => line.trim() !== '');
  return (
    <section aria-label="Presentation" className="space-y-4 overflow-y-auto bg-bg p-1 [&:fullscreen]:p-8" ref={place}>
      <div className="flex flex-wrap items-center justify-between gap-3">
        <h2 className="text-2xl">{shown.title}</h2>
        <Button onClick={() => void place.current?.requestFullscreen()} small text="Full screen" />
      </div>
      <PresentedChart chart={shown.chart} />
      <ul className="list-disc space-y-1 pl-7 text-xl">
        {lines.map((line, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: two lines may be the same
          <li className="break-words" key={index}>
            {line}
          </li>
        ))}
      </ul>
    </section>
  );
}
