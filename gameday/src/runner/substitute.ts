import type { ExperimentDocument, FromEnvironment } from '../experiment/schema.ts';

/** Values by name, of any JSON type. */
export type Configuration = Record<string, unknown>;
type Variables = Readonly<Record<string, string | undefined>>;

/**
 * The values of `configuration` and of all `secrets`, as the Chaos Toolkit puts them into an activity: the configuration wins over
 * a secret of the same name. Entries of type env come from `variables`.
 * @throws when a variable is missing or is no number where `env_var_type` asks for one
 */
export function configurationOf(
  { configuration, secrets }: Pick<ExperimentDocument, 'configuration' | 'secrets'>,
  variables: Variables,
): Configuration {
  const groups = Object.entries(secrets).map(([group, entries]) => valuesOf(entries, `secrets.${group}`, variables));
  return Object.assign({}, ...groups.reverse(), valuesOf(configuration, 'configuration', variables));
}

const valuesOf = (entries: Record<string, unknown>, path: string, variables: Variables): Configuration =>
  Object.fromEntries(
    Object.entries(entries).map(([name, entry]) => [
      name,
      isFromEnvironment(entry) ? lookUp(entry, `${path}.${name}`, variables) : entry,
    ]),
  );

const isFromEnvironment = (entry: unknown): entry is FromEnvironment =>
  typeof entry === 'object' && entry !== null && 'type' in entry;

function lookUp({ key, default: otherwise, env_var_type: type }: FromEnvironment, path: string, variables: Variables) {
  const value = variables[key] ?? otherwise;
  if (value === undefined) throw new Error(`${path}: ${key} is not set and has no default`);
  if (type !== 'int' && type !== 'float') return variables[key] ?? value;
  const number = Number(value);
  if (type === 'int' ? Number.isInteger(number) : Number.isFinite(number)) return number;
  throw new Error(`${path}: ${key} must be a number`);
}

/**
 * Replaces every `${name}` in a text, or in all texts of a structure. A text that is only one name becomes the value with its type.
 * A name that the configuration lacks stays as it is, for example for the shell of a process.
 */
export function substitute<T>(value: T, configuration: Configuration): T {
  if (typeof value === 'string') {
    const whole = /^\$\{(\w+)\}$/.exec(value)?.[1];
    if (whole !== undefined && Object.hasOwn(configuration, whole)) return configuration[whole] as T;
    return value.replace(/\$\{(\w+)\}/g, (text, name: string) =>
      Object.hasOwn(configuration, name) ? textOf(configuration[name]) : text,
    ) as T;
  }
  if (Array.isArray(value)) return value.map((one) => substitute(one, configuration)) as T;
  if (typeof value === 'object' && value !== null) {
    return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, substitute(one, configuration)])) as T;
  }
  return value;
}

/** A value as text: a text unchanged, anything else as JSON. */
export const textOf = (value: unknown): string => (typeof value === 'string' ? value : JSON.stringify(value));
