import { GAMEDAY_LIMITS } from '@valerix/contracts/plain';

export type StartField = keyof typeof GAMEDAY_LIMITS;
export type StartValues = Readonly<Record<StartField, string>>;

/** The request body for the form's values. An empty field takes the experiment's default. */
export function startBody(experiment: string, { seed, duration_s, rate }: StartValues) {
  const number = (text: string) => (text.trim() === '' ? undefined : Number(text));
  return { experiment, seed: number(seed), duration_s: number(duration_s), rate: number(rate) };
}

const UNITS: Record<StartField, string> = { seed: '', duration_s: ' seconds', rate: ' orders a second' };

/** The message for each invalid field. */
export function formErrors(values: StartValues): Partial<Record<StartField, string>> {
  const body = startBody('', values);
  const wrong = (Object.keys(GAMEDAY_LIMITS) as StartField[]).flatMap((field) => {
    const [value, { min, max }] = [body[field], GAMEDAY_LIMITS[field]];
    const isNumber = field === 'rate' ? Number.isFinite(value) : Number.isInteger(value);
    if (value === undefined || (isNumber && value >= min && value <= max)) return [];
    const words = isNumber ? `from ${min} to ${max}${UNITS[field]}` : `a ${field === 'rate' ? '' : 'whole '}number`;
    return [[field, `must be ${words}`] as const];
  });
  return Object.fromEntries(wrong);
}
