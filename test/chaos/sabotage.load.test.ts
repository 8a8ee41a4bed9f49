import { checkDatabases } from '@valerix/gameday/checker';
import { dropGuards, laboratoryEnv } from '@valerix/gameday/laboratory';
import { MANDATORY_KEYS, perService, SERVICE_KEYS } from '@valerix/system';
import { beforeAll, expect, it } from 'vitest';
import { MONEY_STORIES } from './money-stories.ts';
import { ALL_STORIES, SABOTAGES, type Sabotage, type StoryName } from './sabotages.ts';
import { type SweepStack, startSweepStack } from './sweep-stack.ts';

const AT_ONCE = 3;
/** Without its guard, an order may never settle. With all of them it has the time that a busy machine takes. */
const SABOTAGED_SETTLE_LIMIT_MS = 6_000;

/** Violations by sabotage, and by story with every guard in place. */
const caught = new Map<string, string[]>();
const clean = new Map<string, string[]>();

beforeAll(async () => {
  const jobs = [tellAllStories, ...SABOTAGES.map((sabotage) => () => play(sabotage))];
  await Promise.all(
    Array.from({ length: AT_ONCE }, async () => {
      for (let job = jobs.shift(); job; job = jobs.shift()) await job();
    }),
  );
  for (const { name, caughtBy } of SABOTAGES) {
    console.log(
      `${caughtBy.padEnd(4)}${name.padEnd(62)}${(caught.get(name) ?? []).map((one) => one.slice(0, 90)).join(' | ')}`,
    );
  }
}, 300_000);

it.each(SABOTAGES)('$caughtBy catches it: $name', ({ name, caughtBy }) => {
  expect(caught.get(name)?.map((violation) => violation.split(/[: ]/)[0])).toContain(caughtBy);
});

it.each(Object.keys(ALL_STORIES))('with every guard in place nothing is violated: %s', (story) => {
  expect(clean.get(story)).toEqual([]);
});

/** One after another in one stack: each must leave it without a violation. */
async function tellAllStories(): Promise<void> {
  await inStack(await startSweepStack(), async (lab) => {
    for (const story of Object.keys(ALL_STORIES) as StoryName[]) clean.set(story, await tell(lab, story));
  });
}

async function play({ name, story, cuts, guards }: Sabotage): Promise<void> {
  const env = laboratoryEnv(`a guard (${name})`, cuts);
  const services = story in MONEY_STORIES ? SERVICE_KEYS : MANDATORY_KEYS;
  const lab = await startSweepStack(
    perService(() => env),
    services,
    SABOTAGED_SETTLE_LIMIT_MS,
  );
  await inStack(lab, async () => {
    await dropGuards(lab.stack, guards);
    caught.set(name, await tell(lab, story));
  });
}

async function tell(lab: SweepStack, story: StoryName): Promise<string[]> {
  const complaints = await ALL_STORIES[story](lab).catch((error: unknown) => [`the story failed: ${error}`]);
  await lab.chaos.clear().catch(() => {});
  const violations = await checkDatabases(lab.stack);
  return [...complaints, ...violations.map(({ invariant, detail }) => `${invariant}: ${detail}`)];
}

async function inStack(lab: SweepStack, work: (lab: SweepStack) => Promise<void>): Promise<void> {
  try {
    await work(lab);
  } finally {
    await lab.stop();
  }
}
