import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, extname, join, relative, resolve } from 'node:path';
import { declaration, SERVICE_KEYS, urlVariable } from '@valerix/system';
import { parse as parseYaml } from 'yaml';
import { z } from 'zod';
import { chaosToolkitIsInstalled } from '../chaos-toolkit.ts';
import { type ExperimentDocument, experimentSchema } from './schema.ts';
import { DEFAULT_EXTENSION, type ValerixExtension, valerixExtension } from './valerix-extension.ts';

/** The folder of the experiments that come with Valerix. */
const experimentsFolder = join(import.meta.dirname, '../../experiments');

/** The experiments of the matrix of defences, one for each fault. */
export const defenceExperimentsFolder = join(experimentsFolder, 'defences');

export interface Experiment {
  /** The file's name without its extension. */
  name: string;
  file: string;
  document: ExperimentDocument;
  /** The file's content, for the journal. */
  source: unknown;
  valerix: ValerixExtension;
  /** The paths of fields for the Chaos Toolkit's extensions, which have no effect here. */
  ignored: string[];
}

/** A file that is not a valid experiment; the message names every wrong field, one a line. */
export class ExperimentError extends Error {
  override name = 'ExperimentError';
}

/** Every experiment may use `${order_url}` and the like, and `${operator_token}`, without declaring them. */
const DEFAULT_CONFIGURATION: ExperimentDocument['configuration'] = {
  ...Object.fromEntries(
    SERVICE_KEYS.map((key) => [
      `${key}_url`,
      { type: 'env' as const, key: urlVariable(key), default: `http://127.0.0.1:${declaration(key).port}` },
    ]),
  ),
  operator_token: { type: 'env', key: 'OPERATOR_TOKEN', default: '' },
};

const withExtension = z.looseObject({
  extensions: z
    .array(z.unknown())
    .default([])
    .transform((list, ctx) => {
      const index = list.findIndex((one) => (one as { name?: unknown })?.name === 'valerix');
      if (index < 0) return DEFAULT_EXTENSION;
      const parsed = valerixExtension.safeParse(list[index]);
      if (parsed.success) return parsed.data;
      for (const issue of parsed.error.issues)
        ctx.issues.push({ ...issue, path: [index, ...issue.path], input: list } as never);
      return z.NEVER;
    }),
});

/**
 * Reads an experiment by its name or the path of its file (JSON or YAML).
 * @throws {ExperimentError}
 */
export function loadExperiment(nameOrFile: string, folder = experimentsFolder): Experiment {
  const file = fileOf(nameOrFile, folder);
  const name = basename(file, extname(file));
  let source: unknown;
  try {
    const text = readFileSync(file, 'utf8');
    source = file.endsWith('.json') ? JSON.parse(text) : parseYaml(text);
  } catch (error) {
    throw new ExperimentError(`${file} cannot be read: ${(error as Error).message}`);
  }
  const problems: string[] = [];
  const given = withoutNulls(source);
  const document = experimentSchema.safeParse(given);
  const extension = withExtension.safeParse(given);
  if (document.success && extension.success) problems.push(...unknownSteps(document.data, extension.data.extensions));
  const inPython = pathsOf(given, (_, value) => isRecord(value) && value.type === 'python' && 'func' in value);
  if (inPython.length > 0 && !chaosToolkitIsInstalled()) {
    problems.push(
      ...inPython.map(
        (path) => `  ${path}: "python" needs the Chaos Toolkit, but its program "chaos" is not installed`,
      ),
    );
  }
  if (!document.success) problems.push(...describe(document.error));
  if (!extension.success && typeof source === 'object') problems.push(...describe(extension.error));
  if (!document.success || !extension.success || problems.length > 0) {
    throw new ExperimentError(`${file} is not a valid experiment:\n${[...new Set(problems)].join('\n')}`);
  }
  const configuration = { ...DEFAULT_CONFIGURATION, ...document.data.configuration };
  return {
    name,
    file,
    document: { ...document.data, configuration },
    source,
    valerix: extension.data.extensions,
    ignored: pathsOf(given, (key) => key === 'controls'),
  };
}

const isRecord = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null;

/** Fields whose content only the activity interprets. */
const FREE_FORM = ['arguments', 'expect'];

/** In the Chaos Toolkit, a null field counts as absent. */
function withoutNulls(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutNulls);
  if (!isRecord(value)) return value;
  const kept = Object.entries(value).filter(([, one]) => one !== null);
  return Object.fromEntries(kept.map(([name, one]) => [name, FREE_FORM.includes(name) ? one : withoutNulls(one)]));
}

/** The paths at which `wanted` is true, such as `method.0.provider`. It does not search the arguments of an activity. */
function pathsOf(value: unknown, wanted: (key: string, value: unknown) => boolean, path: string[] = []): string[] {
  if (!isRecord(value)) return [];
  return Object.entries(value).flatMap(([key, one]) => {
    const at = [...path, key];
    if (wanted(key, one)) return [at.join('.')];
    return FREE_FORM.includes(key) ? [] : pathsOf(one, wanted, at);
  });
}

/** Its name on the command line: `defences/resets` for an experiment that comes with Valerix, its file for another. */
export function commandNameOf({ file }: Pick<Experiment, 'file'>): string {
  const inside = relative(experimentsFolder, resolve(file));
  return inside.startsWith('..') ? file : inside.slice(0, -extname(inside).length);
}

/** The experiments that come with Valerix, by name. */
export function experimentNames(folder = experimentsFolder): string[] {
  return readdirSync(folder)
    .filter((file) => /\.(json|ya?ml)$/.test(file))
    .map((file) => basename(file, extname(file)))
    .sort();
}

function fileOf(nameOrFile: string, folder: string): string {
  if (existsSync(nameOrFile) && /\.(json|ya?ml)$/.test(nameOrFile)) return nameOrFile;
  const found = ['json', 'yaml', 'yml'].map((end) => join(folder, `${nameOrFile}.${end}`)).find(existsSync);
  if (found) return found;
  throw new ExperimentError(
    `There is no experiment "${nameOrFile}". There are: ${experimentNames(folder).join(', ')}.`,
  );
}

/** A run could never show evidence of a step that does not exist. */
function unknownSteps({ method }: ExperimentDocument, { evidence }: ValerixExtension): string[] {
  const steps = method.map((step) => ('ref' in step ? step.ref : step.name));
  return evidence.flatMap(({ of }, index) =>
    of === undefined || steps.includes(of) ? [] : [`  evidence.${index}.of: no step of the method is called "${of}"`],
  );
}

function describe(error: z.ZodError): string[] {
  return error.issues.flatMap((issue) => {
    const at = issue.path.join('.');
    if (issue.code === 'unrecognized_keys') {
      return issue.keys.map((key) => `  ${[at, key].filter(Boolean).join('.')}: is not a known field`);
    }
    return [`  ${at || '(the whole document)'}: ${issue.message}`];
  });
}
