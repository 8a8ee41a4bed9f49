import type { ExperimentDocument } from '../experiment/schema.ts';

export type Configuration = Record<string, string | number | boolean>;

/** The values of `configuration`; entries of type env come from `variables`. @throws when one is missing */
export function configurationOf(
  { configuration }: Pick<ExperimentDocument, 'configuration'>,
  variables: Readonly<Record<string, string | undefined>>,
): Configuration {
  return Object.fromEntries(
    Object.entries(configuration).map(([name, entry]) => {
      if (typeof entry !== 'object') return [name, entry];
      const value = variables[entry.key] ?? entry.default;
      if (value === undefined) throw new Error(`configuration.${name}: ${entry.key} is not set and has no default`);
      return [name, value];
    }),
  );
}

/** Replaces every `${name}` in a text, or in all texts of a structure. @throws for a name that is not in the configuration */
export function substitute<T>(value: T, configuration: Configuration): T {
  if (typeof value === 'string') {
    return value.replace(/\$\{([^}]+)\}/g, (_, name: string) => {
      const found = configuration[name.trim()];
      if (found === undefined) throw new Error(`"\${${name}}" is not in the configuration`);
      return String(found);
    }) as T;
  }
  if (Array.isArray(value)) return value.map((one) => substitute(one, configuration)) as T;
  if (typeof value === 'object' && value !== null) {
    return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, substitute(one, configuration)])) as T;
  }
  return value;
}
