import { compile } from 'json-p3';
import { z } from 'zod';

/**
 * The part of the Chaos Toolkit's open experiment format that is run here: https://chaostoolkit.org/reference/api/experiment/.
 * Fields that only its own tools use (contributions, controls, secrets, tags) are allowed and ignored.
 */

const name = z.string('is required').min(1, 'must not be empty');
const seconds = z.number().min(0).max(86_400);
const pauses = z.strictObject({ before: seconds.optional(), after: seconds.optional() });

const httpProvider = z.strictObject({
  type: z.literal('http'),
  url: name,
  method: z.enum(['GET', 'POST', 'PUT', 'PATCH', 'DELETE']).default('GET'),
  headers: z.record(z.string(), z.string()).default({}),
  expected_status: z.int().min(100).max(599).optional(),
  arguments: z.unknown().optional().describe('The body, sent as JSON.'),
  timeout: z.union([z.number(), z.tuple([z.number(), z.number()])]).optional(),
  verify_tls: z.boolean().optional(),
});
const processProvider = z.strictObject({
  type: z.literal('process'),
  path: name,
  arguments: z
    .union([z.string(), z.array(z.union([z.string(), z.number()])), z.record(z.string(), z.unknown())])
    .optional(),
  timeout: z.number().optional(),
});
const provider = z.discriminatedUnion('type', [httpProvider, processProvider], {
  error: (issue) => {
    const type = (issue.input as { type?: unknown } | undefined)?.type;
    return type === undefined ? 'is required' : `"${String(type)}" is not a provider of ours; use http or process`;
  },
});
export type HttpProvider = z.infer<typeof httpProvider>;
export type ProcessProvider = z.infer<typeof processProvider>;

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

const tolerance = z.union(
  [
    z.boolean(),
    z.int(),
    z.string(),
    z.array(z.union([z.number(), z.string()])).min(1),
    z.strictObject({
      type: z.literal('regex'),
      pattern: z.string().refine(
        parses((text) => new RegExp(text)),
        'is not a regular expression',
      ),
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
  ],
  'must be a value, a list, or an object of type regex, jsonpath or range',
);
export type Tolerance = z.infer<typeof tolerance>;

const common = {
  name,
  provider,
  pauses: pauses.optional(),
  background: z.boolean().optional(),
  controls: z.unknown().optional(),
};
const probe = z.strictObject({ type: z.literal('probe'), ...common, tolerance: tolerance.optional() });
const action = z.strictObject({ type: z.literal('action'), ...common });
const activity = z.discriminatedUnion('type', [probe, action], 'must be a probe or an action');
const reference = z.strictObject({ ref: name });
export type Activity = z.infer<typeof activity>;

/** A step: an activity, or the name of an activity to repeat. */
const step = z.unknown().transform((value, ctx): Step => {
  const schema = typeof value === 'object' && value !== null && 'ref' in value ? reference : activity;
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  ctx.issues.push(...parsed.error.issues.map((issue) => ({ ...issue, input: value }) as never));
  return z.NEVER;
});
export type Step = Activity | { ref: string };

const scalar = z.union([z.string(), z.number(), z.boolean()]);
const fromEnvironment = z.strictObject({
  type: z.literal('env'),
  key: name,
  default: scalar.optional(),
  env_var_type: z.string().optional(),
});

export const experimentSchema = z
  .strictObject({
    version: z.string().optional(),
    title: name,
    description: name,
    tags: z.array(name).optional(),
    contributions: z.unknown().optional(),
    controls: z.unknown().optional(),
    secrets: z.unknown().optional(),
    configuration: z.record(z.string(), z.union([scalar, fromEnvironment])).default({}),
    'steady-state-hypothesis': z
      .strictObject({ title: name, probes: z.array(probe.extend({ tolerance })).default([]) })
      .optional(),
    method: z.array(step, 'is required; it may be empty'),
    rollbacks: z.array(step).default([]),
    extensions: z.array(z.looseObject({ name })).default([]),
  })
  .superRefine((experiment, ctx) => {
    const { method, rollbacks, 'steady-state-hypothesis': hypothesis } = experiment;
    const all: Step[] = [...(hypothesis?.probes ?? []), ...method, ...rollbacks];
    for (const [place, steps] of Object.entries({ method, rollbacks })) {
      for (const [index, one] of steps.entries()) {
        if (!('ref' in one) || all.some((other) => 'name' in other && other.name === one.ref)) continue;
        ctx.addIssue({ code: 'custom', path: [place, index, 'ref'], message: `no activity is called "${one.ref}"` });
      }
    }
  });
export type ExperimentDocument = z.infer<typeof experimentSchema>;
