import { expect, it } from 'vitest';
import { idOf, type Manifest } from './manifests.ts';
import { allowedEdges, neededEdges } from './network-edges.ts';
import * as policies from './policies.ts';
import { poolsFit } from './pools.ts';
import { referencesExist } from './references.ts';
import { render, type Target, targets } from './render.ts';

const kind = targets.find(({ folder }) => folder === 'overlays/kind') as Target;

/** Changes the text of one object, or of all that match; the change must be one. */
function broken(id: RegExp, from: string | RegExp, to: string): Manifest[] {
  const manifests = render(kind);
  const changed = manifests.map((manifest) =>
    id.test(idOf(manifest)) ? (JSON.parse(JSON.stringify(manifest).replace(from, to)) as Manifest) : manifest,
  );
  expect(JSON.stringify(changed)).not.toBe(JSON.stringify(manifests));
  return changed;
}

const rules = { ...policies, referencesExist, poolsFit };

// A rule that never says no proves nothing: each is shown what it must refuse.
it.each<[keyof typeof rules, RegExp, string | RegExp, string, string]>([
  [
    'imagesAreFixed',
    /^Deployment\/frontend$/,
    '"valerix/frontend:0.1.0"',
    '"valerix/frontend:latest"',
    'whatever is newest',
  ],
  ['imagesAreFixed', /^StatefulSet\/redis$/, /"redis:[^"]+"/, '"redis"', 'has no tag'],
  ['resourcesAreSet', /^StatefulSet\/grafana$/, '"limits":{"memory":"512Mi"},', '', 'no limit of memory'],
  ['podsAreRestricted', /^Deployment\/order-service$/, '"drop":["ALL"]', '"drop":[]', 'keeps capabilities'],
  [
    'podsAreRestricted',
    /^StatefulSet\/postgres$/,
    '"readOnlyRootFilesystem":true',
    '"readOnlyRootFilesystem":false',
    'may write',
  ],
  [
    'podsAreRestricted',
    /^Namespace\//,
    'security.kubernetes.io/enforce":"restricted"',
    'security.kubernetes.io/enforce":"baseline"',
    'does not enforce',
  ],
  ['probesAreSet', /^Deployment\/inventory-service$/, '"startupProbe"', '"noProbe"', 'has no startupProbe'],
  [
    'probesAreSet',
    /^Deployment\/inventory-service$/,
    '"path":"/readyz","port":"http"',
    '"path":"/readyz","port":"web"',
    'asks port web',
  ],
  [
    'graceCoversTheDrain',
    /^Deployment\/order-service$/,
    '"terminationGracePeriodSeconds":30',
    '"terminationGracePeriodSeconds":20',
    'needs 23 s',
  ],
  [
    'policiesHaveNoEmptyList',
    /^NetworkPolicy\/default-deny$/,
    '"policyTypes":["Ingress","Egress"]',
    '"policyTypes":["Ingress","Egress"],"ingress":[]',
    'has an empty ingress',
  ],
  ['deploymentsStayUp', /^Deployment\/frontend$/, '"maxUnavailable":0', '"maxUnavailable":1', 'loses capacity'],
  ['deploymentsStayUp', /^HorizontalPodAutoscaler\/frontend$/, '"minReplicas":2', '"minReplicas":1', 'fewer than two'],
  ['selectorsMatch', /^Service\/redis$/, '"targetPort":"redis"', '"targetPort":"cache"', 'targets port cache'],
  [
    'selectorsMatch',
    /^Service\/order-service$/,
    /"selector":\{"app.kubernetes.io\/name":"[^"]+"/,
    '"selector":{"app":"x"',
    'selects nothing',
  ],
  [
    'tokensAreNamed',
    /^Deployment\/frontend$/,
    '"automountServiceAccountToken":false',
    '"automountServiceAccountToken":true',
    'has a token',
  ],
  ['labelsAreStandard', /^StatefulSet\/redis$/, '"app.kubernetes.io/component":"cache",', '', 'component'],
  [
    'everythingIsInTheNamespace',
    /^Service\/redis$/,
    '"namespace":"valerix"',
    '"namespace":"default"',
    'in the namespace default',
  ],
  [
    'referencesExist',
    /^Deployment\/order-service$/,
    /"configMapRef":\{"name":"order-service-\w+"/,
    '"configMapRef":{"name":"order-config"',
    'no ConfigMap order-config',
  ],
  ['referencesExist', /^StatefulSet\/postgres$/, '"key":"password"', '"key":"pasword"', 'no key pasword'],
  ['poolsFit', /^ConfigMap\/order-service/, /"DATABASE_POOL_MAX":"\d+"/, '"DATABASE_POOL_MAX":"99"', 'may be wanted'],
])(
  '%s refuses what it must (%#)',
  (name, id, from, to, problem) => {
    expect(rules[name](broken(id, from, to)).join('\n')).toContain(problem);
  },
  60_000,
);

it('an edge that is used and not allowed is seen, and one that is allowed at one end only', () => {
  const cut = broken(/^NetworkPolicy\/inventory-service$/, '"app.kubernetes.io/name":"order-service"', '"app":"gone"');
  expect(allowedEdges(cut).inside).not.toEqual(neededEdges(cut));
  expect(allowedEdges(cut).dangling).toEqual(['order-service -> inventory-service:3002']);
}, 60_000);

it('an edge that is allowed and not used is seen', () => {
  const unused = broken(/^ConfigMap\/frontend/, 'http://alertmanager:9093', 'http://localhost:9093');
  expect(allowedEdges(unused).inside).toContain('frontend -> alertmanager:9093');
  expect(neededEdges(unused)).not.toContain('frontend -> alertmanager:9093');
}, 60_000);
