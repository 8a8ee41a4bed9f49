import { databaseSecret, perService, recordOf, SECRET_VARIABLES } from '@valerix/system';
import { stringify } from 'yaml';
import { kubernetesSecrets, type Passwords, type Variables } from './secrets.ts';

const HEADER = `# Generated from packages/system by "npm run generate"; a test fails when they differ.
# The Secrets of the installation, each from the properties of one entry, "valerix", of the store.
`;

/** A placeholder for the value with this name in the store. It needs no escaping in an address. */
const mark = (name: string) => `__${name}__`;
const MARK = /__([a-z_]+?)__/g;

const MARKS: Passwords = {
  postgres: mark('postgres'),
  databases: perService((key) => mark(databaseSecret(key).replaceAll('-', '_'))),
  redis: mark('redis'),
  operatorToken: mark('operator_token'),
  services: recordOf(SECRET_VARIABLES, (name) => mark(name.toLowerCase())),
  dashboard: mark('dashboard'),
  session: mark('session'),
  grafana: mark('grafana'),
};

/** Secrets taken from the store as they are: `make secrets` makes no value of them. */
const OWN = { alertmanager: { 'webhook-url': mark('webhook_url') } };

/** What the External Secrets Operator makes of the store: the very Secrets that `make secrets` writes as files. */
export function externalSecretsFile(): string {
  const objects = Object.entries({ ...kubernetesSecrets(MARKS), ...OWN }).map(([name, values]) =>
    stringify(externalSecret(name, values), { lineWidth: 0 }),
  );
  return HEADER + objects.join('---\n');
}

function externalSecret(name: string, values: Variables) {
  const text = JSON.stringify(values);
  const properties = [...new Set([...text.matchAll(MARK)].map(([, property]) => property as string))];
  const data = Object.entries(values).map(([key, value]) => [
    key,
    // Escaped, because some characters would end the password in an address.
    value.replaceAll(MARK, (_, property: string) => `{{ .${property}${value.includes('://') ? ' | urlquery' : ''} }}`),
  ]);
  return {
    apiVersion: 'external-secrets.io/v1',
    kind: 'ExternalSecret',
    metadata: { name, namespace: 'valerix' },
    spec: {
      refreshInterval: '1h',
      secretStoreRef: { kind: 'SecretStore', name: 'valerix' },
      target: {
        creationPolicy: 'Owner',
        template: {
          engineVersion: 'v2',
          // CloudNativePG accepts a role's name and password only in this form.
          ...('username' in values && { type: 'kubernetes.io/basic-auth' }),
          data: Object.fromEntries(data),
        },
      },
      data: properties.map((property) => ({ secretKey: property, remoteRef: { key: 'valerix', property } })),
    },
  };
}
