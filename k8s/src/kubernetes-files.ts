import {
  addressedBy,
  addressesFor,
  databasePasswordVariable,
  databaseRole,
  databaseSecret,
  databaseUrlVariable,
  declaration,
  replicasName,
  replicasUrlVariable,
  SERVICE_KEYS,
  type ServiceKey,
  serviceUrl,
  urlVariable,
} from '@valerix/system';
import { parse } from 'yaml';
import { externalSecretsFile } from './external-secrets.ts';
import { withRegion } from './region.ts';

/** The current text of a file of the repository; undefined when there is none. */
export type Read = (path: string) => string | undefined;

const HEADER = '# Generated from packages/system by "npm run generate"; a test fails when they differ.\n';

/** The manifests generated from the declared services, and the hand-written ones that name all services. */
export function kubernetesFiles(read: Read, version: string): Record<string, string> {
  const files: Record<string, string> = {};
  const change = (path: string, edit: (text: string) => string) => {
    files[path] = edit(files[path] ?? read(path) ?? '');
  };
  for (const key of SERVICE_KEYS) {
    const folder = `k8s/base/${declaration(key).name}`;
    files[`${folder}/service.yaml`] = serviceFile(key);
    files[`${folder}/network-policy.yaml`] = networkPolicyFile(key);
    change(`${folder}/kustomization.yaml`, (text) =>
      withRegion(text || kustomizationFile(key), 'addresses', addresses(addressesFor(key))),
    );
  }
  change('k8s/base/kustomization.yaml', (text) => baseFile(text, version));
  change('k8s/base/frontend/kustomization.yaml', (text) =>
    withRegion(text, 'addresses', [...addresses(SERVICE_KEYS), ...SERVICE_KEYS.map(replicasAddress)]),
  );
  files['k8s/base/frontend/replicas.yaml'] = HEADER + SERVICE_KEYS.map(replicasService).join('---\n');
  for (const path of ['k8s/service/deployment.yaml', 'k8s/base/frontend/deployment.yaml']) {
    change(path, (text) => text.replace(/(app.kubernetes.io\/version: )"[^"]*"/, `$1"${version}"`));
  }
  for (const path of ['k8s/base/postgres/statefulset.yaml', 'k8s/components/backup/cron-job.yaml']) {
    change(path, (text) => withRegion(text, 'database passwords', passwords()));
  }
  change('k8s/components/ha-postgres/cluster.yaml', clusterFile);
  files['k8s/components/external-secrets/external-secrets.yaml'] = externalSecretsFile();
  const cluster = files['k8s/components/ha-postgres/cluster.yaml'] as string;
  files['k8s/components/ha-postgres/databases.yaml'] = databasesFile(laterDatabases(cluster));
  for (const file of ['deployment', 'gameday']) {
    change(`k8s/components/laboratory/${file}.yaml`, (text) =>
      withRegion(text, 'secrets of the services', serviceSecrets()),
    );
  }
  change('k8s/components/laboratory/kustomization.yaml', (text) =>
    withRegion(withRegion(text, 'addresses', addresses(SERVICE_KEYS)), 'laboratory image', [
      `- { name: valerix/laboratory, newTag: ${version} }`,
    ]),
  );
  return files;
}

const addresses = (keys: readonly ServiceKey[]): string[] =>
  keys.map((key) => `- ${urlVariable(key)}=${serviceUrl(key)}`);

const replicasAddress = (key: ServiceKey): string =>
  `- ${replicasUrlVariable(key)}=http://${replicasName(key)}:${declaration(key).port}`;

/** Its name has the address of every pod, also of one that is not ready: the dashboard reads each, and halts each. */
const replicasService = (key: ServiceKey): string => `apiVersion: v1
kind: Service
metadata:
  name: ${replicasName(key)}
  labels: { app.kubernetes.io/name: frontend, app.kubernetes.io/component: dashboard }
spec:
  clusterIP: None
  publishNotReadyAddresses: true
  selector: { app.kubernetes.io/name: ${declaration(key).name} }
  ports:
    - { name: http, port: ${declaration(key).port}, targetPort: http }
`;

const baseFile = (text: string, version: string): string =>
  withRegion(
    withRegion(
      text,
      'services',
      SERVICE_KEYS.map((key) => `- ${declaration(key).name}`),
    ),
    'images',
    [...SERVICE_KEYS.map((key) => declaration(key).name), 'frontend'].map(
      (name) => `- { name: valerix/${name}, newTag: ${version} }`,
    ),
  );

const passwords = (): string[] =>
  SERVICE_KEYS.flatMap((key) => [
    `- name: ${databasePasswordVariable(key)}`,
    `  valueFrom: { secretKeyRef: { name: ${databaseSecret(key)}, key: password } }`,
  ]);

/** The databases of all services, Redis and the operator's token, from the Secrets of the services. */
function serviceSecrets(): string[] {
  const from = (variable: string, key: ServiceKey, field = variable) => [
    `- name: ${variable}`,
    `  valueFrom: { secretKeyRef: { name: ${declaration(key).name}, key: ${field} } }`,
  ];
  const [any] = SERVICE_KEYS as [ServiceKey];
  return [
    ...SERVICE_KEYS.flatMap((key) => from(databaseUrlVariable(key), key, 'DATABASE_URL')),
    ...from('REDIS_URL', any),
    ...from('OPERATOR_TOKEN', any),
  ];
}

/** The services whose database CloudNativePG does not create with the cluster. */
function laterDatabases(cluster: string): ServiceKey[] {
  const { spec } = parse(cluster) as { spec: { bootstrap: { initdb: { database: string } } } };
  return SERVICE_KEYS.filter((key) => declaration(key).database !== spec.bootstrap.initdb.database);
}

const clusterFile = (text: string): string =>
  withRegion(
    text,
    'roles',
    laterDatabases(text).flatMap((key) => [
      `- name: ${databaseRole(key)}`,
      '  ensure: present',
      '  login: true',
      `  passwordSecret: { name: ${databaseSecret(key)} }`,
    ]),
  );

/** Databases that the operator creates once their role exists, in a new cluster as in one that runs already. */
const databasesFile = (keys: readonly ServiceKey[]): string =>
  HEADER +
  keys
    .map(
      (key) => `apiVersion: postgresql.cnpg.io/v1
kind: Database
metadata:
  name: ${declaration(key).database.replaceAll('_', '-')}
  namespace: valerix
spec:
  cluster: { name: valerix-postgres }
  name: ${declaration(key).database}
  owner: ${databaseRole(key)}
  databaseReclaimPolicy: retain
`,
    )
    .join('---\n');

const serviceFile = (key: ServiceKey): string => `${HEADER}apiVersion: v1
kind: ServiceAccount
metadata:
  name: ${declaration(key).name}
automountServiceAccountToken: false
---
apiVersion: v1
kind: Service
metadata:
  name: ${declaration(key).name}
  labels: { app.kubernetes.io/name: ${declaration(key).name}, app.kubernetes.io/component: api }
spec:
  selector: { app.kubernetes.io/name: ${declaration(key).name} }
  ports:
    - { name: http, port: ${declaration(key).port}, targetPort: http }
`;

const kustomizationFile = (key: ServiceKey): string => `apiVersion: kustomize.config.k8s.io/v1beta1
kind: Kustomization

# What every service has alike is in ../../service. What this one has of its own goes here, as literals and patches.
resources:
  - service.yaml
  - network-policy.yaml
components:
  - ../../service
configMapGenerator:
  - name: ${declaration(key).name}
    literals:
      # generated: addresses
      # end generated
      - DATABASE_POOL_MAX=10
      - DATABASE_READ_POOL_MAX=3
      - SHUTDOWN_DELAY_MS=3000
      - SHUTDOWN_GRACE_MS=15000
      - LOG_LEVEL=info
`;

/** An edge for each service whose address it has and each that has its address, and the edges that every service has. */
function networkPolicyFile(key: ServiceKey): string {
  const { name, port } = declaration(key);
  const peer = (label: string, value: string) =>
    `- podSelector: { matchLabels: { app.kubernetes.io/${label}: ${value} } }`;
  const callers = [...addressedBy(key).map((caller) => declaration(caller).name), 'frontend', 'prometheus'];
  const egress = [
    ...addressesFor(key).map((called) => [peer('name', declaration(called).name), declaration(called).port] as const),
    [peer('component', 'database'), 5432] as const,
    [peer('name', 'redis'), 6379] as const,
  ];
  return `${HEADER}apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata:
  name: ${name}
spec:
  podSelector:
    matchLabels: { app.kubernetes.io/name: ${name} }
  policyTypes: [Ingress, Egress]
  ingress:
    - from:
${callers.map((caller) => `        ${peer('name', caller)}\n`).join('')}      ports: [{ protocol: TCP, port: ${port} }]
  egress:
${egress.map(([to, at]) => `    - to:\n        ${to}\n      ports: [{ protocol: TCP, port: ${at} }]\n`).join('')}`;
}
