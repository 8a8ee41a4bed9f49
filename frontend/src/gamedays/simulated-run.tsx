'use client';

import Link from 'next/link';
import { type ChangeEvent, useState } from 'react';
import { Card } from '../ui/card.tsx';
import { Button } from '../ui/controls.tsx';
import { Note, PageHead } from '../ui/parts.tsx';
import { useShown } from '../ui/show-whole.ts';
import { readStory, type SimulatedStory, type Step } from './simulated-story.ts';

/** Shows the file that a failing seed leaves, step by step. It is read in the browser and sent nowhere. */
export function SimulatedRun() {
  const [story, setStory] = useState<SimulatedStory | null>(null);
  const [opened, setOpened] = useState(0);
  const [problem, setProblem] = useState<string | null>(null);
  async function open({ target }: ChangeEvent<HTMLInputElement>) {
    const file = target.files?.[0];
    if (!file) return;
    try {
      setStory(readStory(await file.text()));
      setOpened((files) => files + 1);
      setProblem(null);
    } catch (error) {
      setStory(null);
      setProblem((error as Error).message);
    } finally {
      // Otherwise the same file, written anew, is no change.
      target.value = '';
    }
  }
  return (
    <>
      <PageHead
        lead="A seed of make sim that breaks an invariant leaves a file. Open it to follow what happened; the browser reads it and sends it nowhere."
        title="A simulated run"
      >
        <Link className="button" href="/gamedays">
          All game days
        </Link>
      </PageHead>
      <label className="card mb-3 block">
        <span className="font-medium">The file of a seed</span>
        <input accept="application/json,.json" className="mt-1 block max-w-full" onChange={open} type="file" />
      </label>
      {problem ? <Note tone="bad">This file cannot be shown. {problem}</Note> : null}
      {story ? <Told key={opened} story={story} /> : null}
    </>
  );
}

function Told({ story: { seed, steps, violations } }: { story: SimulatedStory }) {
  const [at, setAt] = useState(0);
  const next = steps.findIndex(({ fault }, index) => index > at && fault !== null);
  return (
    <div className="space-y-3">
      <Card edge="bad" title={`What seed ${seed} broke`}>
        <ul className="space-y-1">
          {violations.map(({ invariant, subject, detail }) => (
            <li className="break-words" key={`${invariant} ${subject} ${detail}`}>
              <span className="font-medium">{invariant}</span> {detail}
            </li>
          ))}
        </ul>
      </Card>
      <Card aside={<span className="text-muted">{`${at + 1} of ${steps.length}`}</span>} title="Step by step">
        <div className="mb-2 flex flex-wrap items-center gap-2">
          <Button disabled={at === 0} onClick={() => setAt(at - 1)} small text="Back" />
          <Button disabled={at + 1 >= steps.length} main onClick={() => setAt(at + 1)} small text="Next step" />
          <Button disabled={next < 0} onClick={() => setAt(next)} small text="Next fault" />
          <input
            aria-label="Step"
            aria-valuetext={`${at + 1} of ${steps.length}`}
            className="min-w-32 flex-1"
            max={steps.length - 1}
            min={0}
            onChange={({ target }) => setAt(Number(target.value))}
            type="range"
            value={at}
          />
        </div>
        <ol className="relative max-h-[60vh] overflow-y-auto">
          {steps.map((step, index) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: the steps of a file never move
            <StepLine isNow={index === at} isPast={index <= at} key={index} step={step} />
          ))}
        </ol>
      </Card>
    </div>
  );
}

function StepLine({ step, isNow, isPast }: { step: Step; isNow: boolean; isPast: boolean }) {
  const line = useShown<HTMLLIElement>(isNow || null);
  const { atMs, route, what, fault } = step;
  return (
    <li
      aria-current={isNow ? 'step' : undefined}
      className={`grid gap-x-3 rounded px-2 py-0.5 sm:grid-cols-[5rem_14rem_1fr] ${isNow ? 'bg-raised' : ''} ${isPast ? '' : 'text-muted'}`}
      ref={line}
    >
      <span className="text-muted tabular-nums">{(atMs / 1_000).toFixed(3)} s</span>
      <span className={route ? '' : 'hidden sm:block'}>{route}</span>
      <span className="min-w-0 break-words">
        {route === null && fault ? null : what}
        {fault ? <strong className="text-bad"> {fault}</strong> : null}
      </span>
    </li>
  );
}
