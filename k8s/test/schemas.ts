import type { z } from 'zod';
import { externalSecrets } from './external-secrets-schema.ts';
import type { Manifest } from './manifests.ts';

/** The npm module that holds the models of an API version: classes that validate, and interfaces that tsc checks. */
export const modelModules: Readonly<Record<string, string>> = {
  v1: 'kubernetes-models/v1',
  'apps/v1': 'kubernetes-models/apps/v1',
  'autoscaling/v2': 'kubernetes-models/autoscaling/v2',
  'batch/v1': 'kubernetes-models/batch/v1',
  'networking.k8s.io/v1': 'kubernetes-models/networking.k8s.io/v1',
  'policy/v1': 'kubernetes-models/policy/v1',
  'rbac.authorization.k8s.io/v1': 'kubernetes-models/rbac.authorization.k8s.io/v1',
  'cert-manager.io/v1': '@kubernetes-models/cert-manager/cert-manager.io/v1',
  'gateway.networking.k8s.io/v1': '@kubernetes-models/gateway-api/gateway.networking.k8s.io/v1',
  'keda.sh/v1alpha1': '@kubernetes-models/keda/keda.sh/v1alpha1',
  'monitoring.coreos.com/v1': '@kubernetes-models/prometheus-operator/monitoring.coreos.com/v1',
  'postgresql.cnpg.io/v1': '@kubernetes-models/cloudnative-pg/postgresql.cnpg.io/v1',
};

/** Schemas of our own, for kinds that no npm module holds. */
const ownSchemas: Readonly<Record<string, z.ZodType>> = { 'external-secrets.io/v1': externalSecrets };

type Model = new (data: unknown) => { validate(): void };

/** What the schema of its kind says against an object; empty when nothing. */
export async function schemaProblems(manifest: Manifest): Promise<string[]> {
  const own = ownSchemas[manifest.apiVersion]?.safeParse(manifest);
  if (own) return own.success ? [] : [own.error.message];
  const module = modelModules[manifest.apiVersion];
  if (!module) return [`no schema for ${manifest.apiVersion}`];
  const Model = ((await import(module)) as Record<string, Model | undefined>)[manifest.kind];
  if (!Model) return [`no schema for ${manifest.apiVersion} ${manifest.kind}`];
  try {
    new Model(manifest).validate();
    return [];
  } catch (error) {
    return [(error as Error).message];
  }
}

/**
 * The objects as a TypeScript file, each a literal of its interface: the validation at run time lets fields pass that
 * it does not know (a misspelt `readinesProbe`), the compiler does not.
 */
export function asTypeScript(all: readonly Manifest[]): string {
  // Our own schemas refuse unknown fields by themselves.
  const manifests = all.filter(({ apiVersion }) => !(apiVersion in ownSchemas));
  const imports = Object.entries(modelModules).map(
    ([version, module]) => `import type * as ${moduleName(version)} from ${JSON.stringify(module)};`,
  );
  const constants = manifests.map(
    (manifest, index) =>
      `export const object${index}: ${moduleName(manifest.apiVersion)}.I${manifest.kind} = ${JSON.stringify(manifest)};`,
  );
  return [...imports, ...constants].join('\n');
}

const moduleName = (version: string): string => version.replace(/\W/g, '_');
