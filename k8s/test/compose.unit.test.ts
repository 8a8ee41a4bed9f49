import { callersOf, declaration, OPTIONAL_KEYS, SERVICE_KEYS, serviceUrl, urlVariable } from '@valerix/system';
import { expect, it } from 'vitest';
import { composeVariables, randomPasswords } from '../src/secrets.ts';
import { composeText, readCompose } from './compose.ts';
import { dockerfileText } from './dockerfile.ts';

const compose = readCompose();
const services = Object.entries(compose.services);
/** Those that run to their end. */
const isStep = (name: string) => name.endsWith('-migrate') || name === 'create-databases';
const running = services.filter(([name, { profiles }]) => !isStep(name) && !profiles?.includes('backup'));

it('only the dashboard, Grafana and Prometheus are published, on loopback', () => {
  const published = services.filter(([, { ports = [] }]) => ports.length > 0);
  expect(published.map(([name]) => name).sort()).toEqual(['frontend', 'grafana', 'prometheus']);
  for (const [name, { ports = [] }] of published) {
    for (const port of ports) expect(port, name).toMatch(/^127\.0\.0\.1:\d+:\d+$/);
  }
});

it('every service is restarted, bounded, unprivileged and on a read-only file system', () => {
  for (const [name, service] of services) {
    expect(service, name).toMatchObject({
      read_only: true,
      cap_drop: ['ALL'],
      security_opt: ['no-new-privileges:true'],
    });
  }
  for (const [name, service] of running) {
    expect(service.restart, name).toBe('unless-stopped');
    expect(service.deploy?.resources?.limits?.memory, name).toBeDefined();
  }
});

it('every image has a fixed version', () => {
  for (const [name, { image }] of services) expect(image, name).toMatch(/:v?\d+\.\d+(\.\d+)?(-\w+)?$/);
});

it('every server says whether it is healthy; the images of this repository do so themselves', () => {
  for (const [name, { healthcheck, build }] of running) {
    const inImage = build && dockerfileText(build.args?.SERVICE ?? name).includes('HEALTHCHECK');
    expect(healthcheck?.test ?? inImage, name).toBeTruthy();
  }
});

it('services wait for their migrations, those for their databases, and those for a healthy server', () => {
  expect(compose.services['create-databases']?.depends_on).toEqual({ postgres: { condition: 'service_healthy' } });
  for (const key of SERVICE_KEYS) {
    expect(compose.services[`${key}-migrate`]?.depends_on).toEqual({
      'create-databases': { condition: 'service_completed_successfully' },
    });
    expect(compose.services[declaration(key).name]?.depends_on).toMatchObject({
      redis: { condition: 'service_healthy' },
      [`${key}-migrate`]: { condition: 'service_completed_successfully' },
    });
  }
});

it('an optional service starts only with its profile, and without profiles nobody has its address', () => {
  const withProfile = readCompose({ COMPOSE_PROFILES: 'payments' });
  for (const key of OPTIONAL_KEYS) {
    const { name, optional } = declaration(key);
    for (const step of [name, `${key}-migrate`]) expect(compose.services[step]?.profiles, step).toEqual([optional]);
    expect(compose.services.frontend?.depends_on).not.toHaveProperty(name);
    for (const client of ['frontend', ...callersOf(key).map((caller) => declaration(caller).name)]) {
      const address = ({ services }: typeof compose) => services[client]?.environment?.[urlVariable(key)];
      expect(address(withProfile), client).toBe(serviceUrl(key));
      // A client that has the profile too never runs without this service.
      if (!compose.services[client]?.profiles) expect(address(compose), client).toBeFalsy();
    }
  }
});

it('databases are in a network that reaches nothing outside', () => {
  expect(compose.networks.data).toEqual({ internal: true });
  for (const name of ['postgres', 'redis']) expect(compose.services[name]?.networks).toEqual(['data']);
});

it('data are in named volumes', () => {
  for (const name of ['postgres', 'redis', 'prometheus', 'alertmanager', 'grafana']) {
    expect(compose.services[name]?.volumes?.[0], name).toMatch(new RegExp(`^${name}:/`));
    expect(compose.volumes, name).toHaveProperty(name);
  }
});

it('each secret comes from the environment, and the file fails without it', () => {
  for (const name of Object.keys(composeVariables(randomPasswords()))) {
    const uses = composeText.match(new RegExp(`\\$\\{${name}[^}]*\\}`, 'g')) ?? [];
    expect(uses.length, name).toBeGreaterThan(0);
    for (const use of uses) expect(use).toBe(`\${${name}:?run "make secrets"}`);
  }
});
