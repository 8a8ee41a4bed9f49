/** One thing that happened in a simulated world. */
export interface Step {
  atMs: number;
  /** Who sent a message to whom; null for everything else. */
  route: string | null;
  what: string;
  /** What was done to the message or the system; null for what the system did. */
  fault: string | null;
}

export interface SimulatedStory {
  seed: number;
  steps: Step[];
  violations: { invariant: string; subject: string; detail: string }[];
}

interface Moment {
  atMs: number;
  what: string;
  isFault: boolean;
}

/** Reads the file that a failing seed of `make sim` leaves. @throws Error saying why it is none */
export function readStory(text: string): SimulatedStory {
  let file: { seed?: unknown; story?: { timeline?: unknown; violations?: unknown } } | null;
  try {
    file = JSON.parse(text);
  } catch {
    throw new Error('It is not JSON.');
  }
  const { timeline, violations } = file?.story ?? {};
  if (typeof file?.seed !== 'number' || !Array.isArray(timeline) || !Array.isArray(violations)) {
    throw new Error('It has no story. A failing seed of make sim SEED=… leaves such a file in .valerix/simulation.');
  }
  return { seed: file.seed, steps: (timeline as Moment[]).map(stepOf), violations };
}

function stepOf({ atMs, what, isFault }: Moment): Step {
  const [, from, to, reply, said] = /^(\S+)>(\S+?)( reply)?: (.*)$/s.exec(what) ?? [];
  if (!from || !to || said === undefined) return { atMs, route: null, what, fault: isFault ? what : null };
  // Two spaces stand between a message and what became of it.
  const [message = '', fault = null] = said.replace(/ #\d+/, '').split('  ');
  return { atMs, route: reply ? `${to} to ${from}` : `${from} to ${to}`, what: message, fault };
}
