import { DEFENCES } from '@valerix/gameday/defences';
import { type Cut, type DroppedGuards, laboratoryEnv } from '@valerix/gameday/laboratory';
import { SABOTAGES } from '../../test/chaos/sabotages.ts';
import type { Settings } from '../src/scenario.ts';
import type { Story } from './fault-pairs.ts';

/** A fault in the code that the simulation must find. */
export interface Planted {
  name: string;
  cuts: readonly Cut[];
  guards?: DroppedGuards;
  settings?: Settings;
  /** Why no seed can find it. */
  unreachable?: string;
}

/** Faults that the system once had, or nearly had. */
export const PAST: readonly Planted[] = [
  {
    name: 'an order is taken up again while its request still works on it',
    cuts: [
      {
        file: 'order-service/src/order-store.ts',
        find: "'pending', items, now() + $7 * interval '1 ms'",
        replace: "'pending', items, now() + $7 * interval '0 ms'",
      },
      {
        file: 'order-service/src/order-store.ts',
        find: 'AND orders.status = new.from_status',
        replace: '',
      },
    ],
  },
  {
    name: 'an answer is taken for the order that stands at its place, whichever it names',
    cuts: [
      {
        file: 'order-service/src/participant-transport.ts',
        find: 'if (about !== order_id) {',
        replace: 'if (false) {',
      },
    ],
    unreachable: 'the inventory service answers each line in its place; a component test sends another order',
  },
];

const NOT_BY_INVARIANT = 'no invariant breaks: orders are slower, or fewer are confirmed at once';
const OF_CHAOS = 'it bounds chaos, which is off in the simulation';
const UNREACHABLE: Readonly<Record<string, string>> = {
  retry: NOT_BY_INVARIANT,
  breaker: NOT_BY_INVARIANT,
  queue: NOT_BY_INVARIANT,
  owner: NOT_BY_INVARIANT,
  'halt-latch': OF_CHAOS,
  'fault-lease': OF_CHAOS,
  'min-interval': OF_CHAOS,
};

/** A defence that a sabotage takes out, too, is planted once. */
const isPlantedAsSabotage = (cuts: readonly Cut[]) => SABOTAGES.some((sabotage) => sabotage.cuts === cuts);

const defences = DEFENCES.filter(({ cuts }) => !isPlantedAsSabotage(cuts)).map((defence): Planted => {
  const { name, cuts, guards, settings } = defence;
  const unreachable = UNREACHABLE[name];
  return {
    name: `without ${name}`,
    cuts,
    ...(guards && { guards }),
    ...(settings && { settings }),
    ...(unreachable && { unreachable }),
  };
});

const sabotages = SABOTAGES.map(({ name, cuts, guards }): Planted => {
  const defence = DEFENCES.find((one) => one.cuts === cuts);
  const unreachable = defence && UNREACHABLE[defence.name];
  return {
    name: defence ? `${name} (without ${defence.name})` : name,
    cuts,
    ...(guards && { guards }),
    ...(unreachable && { unreachable }),
  };
});

function plantedAs(name: string): Planted {
  const found = sabotages.find((one) => one.name === name);
  if (!found) throw new Error(`no sabotage is named ${name}`);
  return found;
}

/** Faults that no single fault of the world shows, with the order to play. */
export const TWO_FAULTS: readonly (Planted & { story: Story })[] = [
  // One lost or late message is made good by the next attempt of the same call, so its outcome is known.
  { ...plantedAs('an unknown outcome becomes failed'), story: 'on account, cancelled' },
];

export const PLANTED: readonly Planted[] = [...defences, ...sabotages, ...PAST];

/** The arguments of a process that plays with a fault planted, and its variables. */
export const planting = ({ name, cuts, guards, settings }: Planted) => ({
  args: [
    ...(guards ? ['--guards', JSON.stringify(guards)] : []),
    ...(settings ? ['--settings', JSON.stringify(settings)] : []),
  ],
  env: laboratoryEnv(name, cuts),
});
