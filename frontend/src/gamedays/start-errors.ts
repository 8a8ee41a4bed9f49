import { type GAMEDAY_LIMITS, startGamedayBody } from '@valerix/contracts';
import { wrongFields } from '../ui/wrong-fields.ts';

export type StartField = keyof typeof GAMEDAY_LIMITS;
export type StartValues = Readonly<Record<StartField, string>>;

/** The request body for the form's values. An empty field takes the experiment's default. */
export function startBody(experiment: string, { seed, duration_s, rate }: StartValues) {
  const number = (text: string) => (text.trim() === '' ? undefined : Number(text));
  return { experiment, seed: number(seed), duration_s: number(duration_s), rate: number(rate) };
}

/** The message for each invalid field. */
export const formErrors = (experiment: string, values: StartValues) =>
  wrongFields(startGamedayBody, startBody(experiment, values));
