import { z } from 'zod';

// The fields of ExternalSecret and SecretStore (external-secrets.io/v1) that are used here, as their CRDs have them; others are refused.

const metadata = z.strictObject({ name: z.string(), namespace: z.literal('valerix') });
const apiVersion = z.literal('external-secrets.io/v1');

const externalSecret = z.strictObject({
  apiVersion,
  kind: z.literal('ExternalSecret'),
  metadata,
  spec: z.strictObject({
    refreshInterval: z.string().regex(/^\d+[smh]$/),
    secretStoreRef: z.strictObject({ kind: z.enum(['SecretStore', 'ClusterSecretStore']), name: z.string() }),
    target: z.strictObject({
      creationPolicy: z.enum(['Owner', 'Orphan', 'Merge', 'None']),
      template: z.strictObject({
        engineVersion: z.literal('v2'),
        type: z.string().optional(),
        data: z.record(z.string(), z.string()),
      }),
    }),
    data: z
      .array(
        z.strictObject({
          secretKey: z.string().regex(/^[-._a-zA-Z0-9]+$/),
          remoteRef: z.strictObject({ key: z.string(), property: z.string() }),
        }),
      )
      .min(1),
  }),
});

const serviceAccountRef = z.strictObject({ name: z.string() });
const provider = z.union([
  z.strictObject({
    vault: z.strictObject({
      server: z.url(),
      path: z.string(),
      version: z.enum(['v1', 'v2']),
      auth: z.strictObject({
        kubernetes: z.strictObject({ mountPath: z.string(), role: z.string(), serviceAccountRef }),
      }),
    }),
  }),
  z.strictObject({
    kubernetes: z.strictObject({
      remoteNamespace: z.string(),
      server: z.strictObject({
        caProvider: z.strictObject({ type: z.enum(['Secret', 'ConfigMap']), name: z.string(), key: z.string() }),
      }),
      auth: z.strictObject({ serviceAccount: serviceAccountRef }),
    }),
  }),
]);

const secretStore = z.strictObject({
  apiVersion,
  kind: z.literal('SecretStore'),
  metadata,
  spec: z.strictObject({ provider }),
});

export const externalSecrets = z.discriminatedUnion('kind', [externalSecret, secretStore]);
