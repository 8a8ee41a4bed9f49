import { compile } from 'json-p3';
import { z } from 'zod';

/**
 * The part of the Chaos Toolkit's open experiment format that is run here: https://chaostoolkit.org/reference/api/experiment/.
 * docs/chaos-toolkit.md has the table. Fields for its extensions (controls, contributions) are allowed and ignored.
 */

const name = z.string('is required').min(1, 'must not be empty');
const seconds = z.number().min(0).max(86_400);
const pauses = z.strictObject({ before: seconds.optional(), after: seconds.optional() });
const scalar = z.union([z.string(), z.number(), z.boolean()]);

/** Parses with the one schema that fits the value; a union would list the errors of all. */
const fitting = <T>(choose: (value: unknown) => z.ZodType<T>) =>
  z.unknown().transform((value, ctx): T => {
    const parsed = choose(value).safeParse(value);
    if (parsed.success) return parsed.data;
    ctx.issues.push(...parsed.error.issues.map((issue) => ({ ...issue, input: value }) as never));
    return z.NEVER;
  });

const httpProvider = z.strictObject({
  type: z.literal('http'),
  url: name,
  method: z
    .string()
    .toUpperCase()
    .pipe(z.enum(['GET', 'HEAD', 'OPTIONS', 'POST', 'PUT', 'PATCH', 'DELETE']))
    .default('GET'),
  headers: z.record(z.string(), scalar.transform(String)).default({}),
  expected_status: z.int().min(100).max(599).optional(),
  arguments: z.unknown().optional(),
  timeout: z.union([z.number(), z.tuple([z.number(), z.number()])]).optional(),
  verify_tls: z.boolean().default(true),
  max_retries: z.int().min(0).max(10).default(0),
  secrets: z.unknown().optional(),
});
const processProvider = z.strictObject({
  type: z.literal('process'),
  path: name,
  arguments: z.union([z.string(), z.array(scalar), z.record(z.string(), z.unknown())]).optional(),
  timeout: z.number().optional(),
  secrets: z.unknown().optional(),
});
const pythonProvider = z.strictObject({
  type: z.literal('python'),
  module: name,
  func: name,
  arguments: z.record(z.string(), z.unknown()).optional(),
  secrets: z.array(name).optional(),
});
const provider = z.discriminatedUnion('type', [httpProvider, processProvider, pythonProvider], {
  error: (issue) => {
    const type = (issue.input as { type?: unknown } | undefined)?.type;
    return type === undefined ? 'is required' : `"${String(type)}" is no provider; use http, process or python`;
  },
});
export type HttpProvider = z.infer<typeof httpProvider>;
export type ProcessProvider = z.infer<typeof processProvider>;
export type PythonProvider = z.infer<typeof pythonProvider>;

/** True when the parser accepts the text. */
const parses =
  (parse: (text: string) => unknown) =>
  (text: string): boolean => {
    try {
      return parse(text) !== undefined;
    } catch {
      return false;
    }
  };

/** A pattern of Python's `re`. Of the syntax that JavaScript lacks, named groups and flags at the start are supported. */
export function pythonRegExp(pattern: string): RegExp {
  const [, flags = '', rest = ''] = /^(?:\(\?([ims]+)\))?(.*)$/s.exec(pattern) ?? [];
  return new RegExp(rest.replaceAll('(?P<', '(?<'), flags);
}

const typedTolerance = z.discriminatedUnion(
  'type',
  [
    z.strictObject({
      type: z.literal('regex'),
      pattern: z.string().refine(parses(pythonRegExp), 'is not a regular expression'),
      target: z.string().optional(),
    }),
    z.strictObject({
      type: z.literal('jsonpath'),
      path: z.string().refine(parses(compile), 'is not a JSONPath of RFC 9535, such as $.queue.depth'),
      target: z.string().optional(),
      expect: z.unknown().optional(),
      count: z.int().optional(),
    }),
    z.strictObject({
      type: z.literal('range'),
      range: z.tuple([z.number(), z.number()]),
      target: z.string().optional(),
    }),
    z.strictObject({ type: z.literal('probe'), name: name.default('tolerance'), provider }),
  ],
  'must be of type regex, jsonpath, range or probe',
);
const plainTolerance = z.union(
  [z.boolean(), z.number(), z.string(), z.array(z.union([z.number(), z.string()])).min(1)],
  'must be a value, a list, or an object of type regex, jsonpath, range or probe',
);
export type Tolerance = z.infer<typeof typedTolerance> | z.infer<typeof plainTolerance>;
const tolerance = fitting<Tolerance>((value) =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? typedTolerance : plainTolerance,
);

const common = {
  name,
  provider,
  pauses: pauses.optional(),
  background: z.boolean().optional(),
  controls: z.unknown().optional(),
  secrets: z.unknown().optional(),
  configuration: z.unknown().optional(),
};
const probe = z.strictObject({ type: z.literal('probe'), ...common, tolerance: tolerance.optional() });
const action = z.strictObject({ type: z.literal('action'), ...common });
const activity = z.discriminatedUnion('type', [probe, action], 'must be a probe or an action');
export type Activity = z.infer<typeof activity>;

/** The name of an activity to repeat, and the two fields that the Chaos Toolkit takes from the reference. */
const reference = z.strictObject({ ref: name, background: z.boolean().optional(), tolerance: tolerance.optional() });

/** A step: an activity, or a reference to one. */
export type Step = Activity | z.infer<typeof reference>;
const step = fitting<Step>((value) =>
  typeof value === 'object' && value !== null && 'ref' in value ? reference : activity,
);

const fromEnvironment = z.strictObject({
  type: z.literal('env', 'must be "env": Vault and probes are not supported here'),
  key: name,
  default: scalar.optional(),
  env_var_type: z.enum(['str', 'int', 'float', 'bytes']).default('str'),
});
/** A value, or the variable that holds it. An object without `type` is a value. */
const setting = fitting<unknown>((value) =>
  typeof value === 'object' && value !== null && 'type' in value ? fromEnvironment : z.unknown(),
);
export type FromEnvironment = z.infer<typeof fromEnvironment>;

export const experimentSchema = z
  .strictObject({
    version: z.string().optional(),
    title: name,
    description: name,
    tags: z.array(name).optional(),
    contributions: z.unknown().optional(),
    controls: z.unknown().optional(),
    secrets: z.record(z.string(), z.record(z.string(), setting)).default({}),
    configuration: z.record(z.string(), setting).default({}),
    runtime: z
      .strictObject({
        hypothesis: z.strictObject({ strategy: z.literal('default') }).optional(),
        rollbacks: z.strictObject({ strategy: z.enum(['default', 'always']) }).optional(),
      })
      .optional(),
    'steady-state-hypothesis': z
      .strictObject({ title: name, controls: z.unknown().optional(), probes: z.array(step).default([]) })
      .optional(),
    method: z.array(step, 'is required; it may be empty'),
    rollbacks: z.array(step).default([]),
    extensions: z.array(z.looseObject({ name })).default([]),
  })
  .superRefine((experiment, ctx) => {
    const { method, rollbacks, 'steady-state-hypothesis': hypothesis } = experiment;
    const probes = hypothesis?.probes ?? [];
    const all: Step[] = [...probes, ...method, ...rollbacks];
    const named = (wanted: string) => all.find((one): one is Activity => 'name' in one && one.name === wanted);
    const refuse = (path: (string | number)[], message: string) => ctx.addIssue({ code: 'custom', path, message });
    for (const [place, steps] of Object.entries({ method, rollbacks, 'steady-state-hypothesis.probes': probes })) {
      for (const [index, one] of steps.entries()) {
        if ('ref' in one && !named(one.ref)) refuse([place, index, 'ref'], `no activity is called "${one.ref}"`);
      }
    }
    for (const [index, one] of probes.entries()) {
      const path = ['steady-state-hypothesis', 'probes', index];
      const meant = 'ref' in one ? named(one.ref) : one;
      const own = 'ref' in one ? one.tolerance : undefined;
      if (meant?.type === 'action') refuse(path, 'must be a probe');
      else if (meant && (own ?? meant.tolerance) === undefined) refuse([...path, 'tolerance'], 'is required');
    }
  });
export type ExperimentDocument = z.infer<typeof experimentSchema>;
