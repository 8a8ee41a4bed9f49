import { random } from '@valerix/gameday/workload';
import type { Reached } from '../src/lineage.ts';
import { calmScenario, type Scenario } from '../src/scenario.ts';
import type { startTracers, Traced } from '../src/workers.ts';
import type { MessageFault } from '../src/world/network.ts';

export type Tracers = ReturnType<typeof startTracers>;
type Faults = Record<string, MessageFault>;

/** What is played with every fault: one order, and nothing else. */
export const STORIES = {
  'on account, cancelled': { cancelAfterMs: 60 },
  'paid, cancelled': { token: 'tok_ok', cancelAfterMs: 60 },
  'paid, declined': { token: 'tok_declined' },
} as const satisfies Record<string, Partial<Scenario['operations'][number]>>;
export type Story = keyof typeof STORIES;

export interface Broken {
  faults: Faults;
  violations: Traced['violations'];
}

export interface Coverage {
  story: Story;
  messages: number;
  singles: number;
  pairs: number;
  pairsPlayed: number;
  /** Pairs that are as good as one of their faults alone. */
  unchanged: number;
  brokenBySingle: Broken[];
  brokenByPair: Broken[];
  leftOut: Traced['leftOut'];
}

export function scenarioOf(story: Story, faults: Faults): Scenario {
  const items = [{ item_id: 'ps5', quantity: 1 }];
  return {
    ...calmScenario(1),
    reads: [],
    operations: [{ index: 0, atMs: 10, key: 'sim-0', items, ...STORIES[story] }],
    stock: { ps5: 100 },
    faults,
    endsWhenQuiet: true,
  };
}

/**
 * Plays every single fault of a story's messages, then the pairs: a fault, and another one of a message that the order reached after it.
 * @param limitMs how long pairs are played @param isFirstEnough stop at the first pair that breaks the order
 */
export async function playPairs(
  story: Story,
  tracers: Tracers,
  limitMs: number,
  isFirstEnough = false,
): Promise<Coverage> {
  const calm = (await playAll(story, tracers, [{}]))[0] as Played;
  if (calm.violations.length > 0) throw new Error(`${story}: it is broken without a fault`);
  const singles = await playAll(
    story,
    tracers,
    strikesOn(calm.reached).map((strike) => asFaults(strike)),
  );
  const { pairs, unchanged } = pairsAfter(calm, singles);
  const until = performance.now() + limitMs;
  const played = await playAll(
    story,
    tracers,
    likeliestFirst(pairs),
    ({ violations }) => performance.now() > until || (isFirstEnough && violations.length > 0),
  );
  return {
    story,
    messages: calm.reached.length,
    singles: singles.length,
    pairs: pairs.length,
    pairsPlayed: played.length,
    unchanged,
    brokenBySingle: singles.filter(isBroken),
    brokenByPair: played.filter(isBroken),
    leftOut: calm.leftOut,
  };
}

const isBroken = ({ violations }: Played): boolean => violations.length > 0;

interface Played extends Traced {
  faults: Faults;
}

/** Plays the story once with each of these faults. @param onPlayed returns true to stop */
async function playAll(
  story: Story,
  tracers: Tracers,
  list: readonly Faults[],
  onPlayed: (one: Played) => boolean = () => false,
): Promise<Played[]> {
  const played: Played[] = [];
  let at = 0;
  let isOver = false;
  await tracers.play(
    () => {
      const faults = isOver ? undefined : list[at++];
      return faults && scenarioOf(story, faults);
    },
    ({ faults = {} }, traced) => {
      const one = { ...traced, faults };
      played.push(one);
      isOver ||= onPlayed(one);
    },
  );
  return played;
}

/** A message and the fault that it meets. */
interface Strike extends Reached {
  fault: MessageFault;
}
export type Pair = readonly [Strike, Strike];

const strikesOn = (reached: readonly Reached[]): Strike[] =>
  reached.flatMap((message) => message.faults.map((fault) => ({ ...message, fault })));

const asFaults = (...strikes: readonly Strike[]): Faults =>
  Object.fromEntries(strikes.map(({ point, fault }) => [point, fault]));

/**
 * The pairs that can occur: the second message is one that the order reached in the run with the first fault, after it. If that run had the
 * same messages as one without a fault, the first fault is on no decision's way, and the second is played alone already. A copy is
 * different: its own messages are not seen.
 */
function pairsAfter(calm: Traced, singles: readonly Played[]): { pairs: Pair[]; unchanged: number } {
  const usual = pointsIn(calm);
  const pairs: Pair[] = [];
  let unchanged = 0;
  for (const { faults, reached } of singles) {
    const [[point, fault]] = Object.entries(faults) as [[string, MessageFault]];
    const at = reached.findIndex((one) => one.point === point);
    const later = strikesOn(reached.slice(at + 1));
    if (fault.kind !== 'duplicate' && pointsIn({ reached }) === usual) unchanged += later.length;
    else pairs.push(...later.map((second): Pair => [{ ...(reached[at] as Reached), fault }, second]));
  }
  return { pairs, unchanged };
}

/** Without their numbers, which count the messages of others too. */
const pointsIn = ({ reached }: Pick<Traced, 'reached'>): string =>
  reached.map(({ point }) => point.replace(/#\d+$/, '')).join('\n');

/**
 * The order in which pairs are played, the same every time. The next attempt of a call makes one lost or late message good, so the pairs that
 * strike both attempts come first, and of these the ones with the same fault, which lasts longer than an attempt; then those between
 * services, the way of an order's decisions. Otherwise shuffled: a bounded search is spread over all of them.
 */
export function likeliestFirst(pairs: readonly Pair[]): Faults[] {
  const next = random(1, 'pairs');
  return pairs
    .map((pair) => ({ pair, weight: weightOf(pair), at: next() }))
    .sort((a, b) => b.weight - a.weight || a.at - b.at)
    .map(({ pair }) => asFaults(...pair));
}

function weightOf(pair: Pair): number {
  const [a, b] = pair;
  const isSameFault = a.isReply === b.isReply && a.fault.kind === b.fault.kind;
  const sameCall = a.call === b.call ? 1 + Number(isSameFault) : 0;
  return sameCall * 3 + pair.filter(({ point }) => /^[a-z]+-\d+>[a-z]+-\d+[ :]/.test(point)).length;
}
