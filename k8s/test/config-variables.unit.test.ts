import { declaration, SERVICE_NAMES, type ServiceName, serviceKey } from '@valerix/system';
import { describe, expect, it } from 'vitest';
import * as frontend from '../../frontend/src/server/config.ts';
import { readCompose } from './compose.ts';
import { dockerfileText } from './dockerfile.ts';
import { containersOf, environmentOf, type Manifest, workloads } from './manifests.ts';
import { render, type Target, targets } from './render.ts';

type Environment = Record<string, string>;

type Config = Pick<typeof frontend, 'CONFIG_VARIABLES'> & { readConfig(environment: Environment): unknown };

const services = SERVICE_NAMES.map(async (name) => [name, await import(`../../${name}/src/config.ts`)]);
const configs = Object.fromEntries([...(await Promise.all(services)), ['frontend', frontend]]) as Record<
  string,
  Config
>;

const overlays = targets.filter(({ folder }) => /^overlays\/(kind|doks)$/.test(folder));

/** Those that have the service: "doks" does without the optional ones. */
const overlaysOf = (name: string) =>
  name !== 'frontend' && declaration(serviceKey(name as ServiceName)).optional
    ? overlays.filter(({ folder }) => folder === 'overlays/kind')
    : overlays;

describe.each(Object.keys(configs))('%s', (name) => {
  it.each(overlaysOf(name))(
    '$name sets nothing that it does not read, and all that it needs',
    (overlay) => {
      check(name, kubernetesEnvironment(name, overlay));
    },
    60_000,
  );

  it('docker-compose.yml sets nothing that it does not read, and all that it needs', () => {
    check(name, readCompose().services[name]?.environment ?? {});
  });

  it('the migration gets the address and password of the database, and nothing else', () => {
    if (name === 'frontend') return;
    const compose = readCompose().services[`${serviceKey(name as ServiceName)}-migrate`]?.environment;
    expect(Object.keys(compose ?? {})).toEqual(['DATABASE_URL', 'DATABASE_PASSWORD']);
    for (const overlay of overlaysOf(name)) {
      expect(Object.keys(kubernetesEnvironment(name, overlay, 'migrate'))).toEqual(['DATABASE_URL']);
    }
  });
});

function check(name: string, environment: Environment): void {
  const { CONFIG_VARIABLES, readConfig } = configs[name] as Config;
  const unknown = Object.keys(environment).filter((variable) => !CONFIG_VARIABLES.includes(variable));
  expect(unknown).toEqual([]);
  // Required variables, and values of the right form: the service itself says.
  expect(() => readConfig({ ...imageEnvironment(name, CONFIG_VARIABLES), ...environment })).not.toThrow();
}

function kubernetesEnvironment(name: string, overlay: Target, container: string = name): Environment {
  const manifests = render(overlay);
  const pod = workloads(manifests).find(({ id }) => id === `Deployment/${name}`)?.pod;
  const found = pod && containersOf(pod).find((each) => each.name === container);
  if (!found) throw new Error(`no container ${container} of ${name}`);
  return environmentOf(found, manifests as Manifest[]);
}

/** What the image sets for the service: others, like NEXT_TELEMETRY_DISABLED, are for what it is built on. */
function imageEnvironment(name: string, variables: readonly string[]): Environment {
  const [, ...lines] = dockerfileText(name).split(/^ENV /m);
  const pairs = lines.flatMap((line) => (line.split('\n')[0] as string).split(' ').map((pair) => pair.split('=')));
  return Object.fromEntries(pairs.filter(([variable]) => variables.includes(variable as string)));
}
