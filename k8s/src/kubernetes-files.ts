import { relative } from 'node:path';
import {
  addressedBy,
  addressesFor,
  callersOf,
  databasePasswordVariable,
  databaseRole,
  databaseSecret,
  databaseUrlVariable,
  declaration,
  MANDATORY_KEYS,
  OPTIONAL_KEYS,
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
    const folder = folderOf(key);
    files[`${folder}/service.yaml`] = serviceFile(key);
    files[`${folder}/network-policy.yaml`] = networkPolicyFile(key);
    change(`${folder}/kustomization.yaml`, (text) =>
      withRegion(text || kustomizationFile(key), 'addresses', addresses(ownAddresses(key))),
    );
  }
  for (const key of OPTIONAL_KEYS) {
    files[`k8s/components/${declaration(key).name}/kustomization.yaml`] = componentFile(key);
    files[`k8s/components/${declaration(key).name}/replicas.yaml`] = HEADER + replicasService(key);
    change(`${folderOf(key)}/kustomization.yaml`, (text) => withRegion(text, 'image', [image(key, version)]));
  }
  change('k8s/base/kustomization.yaml', (text) => baseFile(text, version));
  change('k8s/base/frontend/kustomization.yaml', (text) =>
    withRegion(text, 'addresses', [...addresses(MANDATORY_KEYS), ...MANDATORY_KEYS.map(replicasAddress)]),
  );
  files['k8s/base/frontend/replicas.yaml'] = HEADER + MANDATORY_KEYS.map(replicasService).join('---\n');
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
      withRegion(withRegion(text, 'secrets of the services', serviceSecrets()), 'optional services', [
        ...OPTIONAL_KEYS.map((key) => `- configMapRef: { name: ${addressName(key)}, optional: true }`),
      ]),
    );
  }
  change('k8s/components/laboratory/kustomization.yaml', (text) =>
    withRegion(withRegion(text, 'addresses', addresses(MANDATORY_KEYS)), 'laboratory image', [
      `- { name: valerix/laboratory, newTag: ${version} }`,
    ]),
  );
  return files;
}

/** The folder of a service's own manifests. An optional service is a component, which names the folder. */
const folderOf = (key: ServiceKey): string => {
  const { name, optional } = declaration(key);
  return optional ? `k8s/components/${name}/service` : `k8s/base/${name}`;
};

/** The services whose addresses are in a service's own folder. Those of optional services that it calls come with their components. */
const ownAddresses = (key: ServiceKey): ServiceKey[] =>
  addressesFor(key).filter((other) => !(OPTIONAL_KEYS.includes(other) && declaration(key).calls.includes(other)));

const addresses = (keys: readonly ServiceKey[]): string[] =>
  keys.map((key) => `- ${urlVariable(key)}=${serviceUrl(key)}`);

const replicasAddress = (key: ServiceKey): string =>
  `- ${replicasUrlVariable(key)}=http://${replicasName(key)}:${declaration(key).port}`;

/** Its name has the address of every pod, also of one that is not ready: the dashboard reads each, and halts each. */
const replicasService = (key: ServiceKey): string => `apiVersion: v1
kind: Service
metadata:
  name: ${replicasName(key)}
  namespace: valerix
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
      MANDATORY_KEYS.map((key) => `- ${declaration(key).name}`),
    ),
    'images',
    [...MANDATORY_KEYS.map((key) => image(key, version)), `- { name: valerix/frontend, newTag: ${version} }`],
  );

const image = (key: ServiceKey, version: string): string =>
  `- { name: valerix/${declaration(key).name}, newTag: ${version} }`;

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

/** The ConfigMap with the address of an optional service. The laboratory reads it only where the service is installed. */
const addressName = (key: ServiceKey): string => `${declaration(key).name}-address`;

/** An optional service: its pods, and its address for its callers, the dashboard and the laboratory. */
const componentFile = (key: ServiceKey): string => `${HEADER}apiVersion: kustomize.config.k8s.io/v1alpha1
kind: Component

# An installation without this component has no ${declaration(key).name}: nothing asks for it.
resources:
  - service
  - replicas.yaml
configMapGenerator:
  - name: ${addressName(key)}
    namespace: valerix
    literals:
      ${addresses([key])}
${callersOf(key)
  .map((caller) => addressFor(declaration(caller).name, addresses([key])))
  .join('')}${addressFor('frontend', [...addresses([key]), replicasAddress(key)])}`;

const addressFor = (name: string, lines: readonly string[]): string => `  - name: ${name}
    namespace: valerix
    behavior: merge
    literals:
${lines.map((line) => `      ${line}\n`).join('')}`;

/** The namespace, labels and image that the base sets for its own services; an optional service has to set them itself. */
const OUTSIDE_THE_BASE = `namespace: valerix
labels:
  - pairs:
      app.kubernetes.io/part-of: valerix
images:
  # generated: image
  # end generated
`;

const kustomizationFile = (key: ServiceKey): string => `apiVersion: kustomize.config.k8s.io/v1beta1
kind: Kustomization

# What every service has alike is in ${sharedFolder(key)}. What this one has of its own goes here, as literals and patches.
${declaration(key).optional ? OUTSIDE_THE_BASE : ''}resources:
  - service.yaml
  - network-policy.yaml
components:
  - ${sharedFolder(key)}
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

/** From the folder of a service. */
const sharedFolder = (key: ServiceKey): string => relative(folderOf(key), 'k8s/service');

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
