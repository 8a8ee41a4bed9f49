import { httpProcessEnv, serviceEnv } from '@valerix/service-kit/env';
import {
  COMPANIONS,
  SECRET_VARIABLES,
  SERVICE_KEYS,
  SERVICE_NAMES,
  SERVICES,
  type SecretVariable,
  secretVariables,
} from '@valerix/system';

/** What is read of a setting's schema. */
interface Setting {
  description?: string | undefined;
  def: object;
  safeParse(value: unknown): { success: boolean };
}
type Settings = Readonly<Record<string, Setting>>;

const isSecret = (name: string): name is SecretVariable => SECRET_VARIABLES.includes(name as SecretVariable);

/** The settings of each service, callers first, and of the laboratory. */
const OWN = await Promise.all([
  ...SERVICE_NAMES.toReversed().map((name) => entry(name, `${name}/src`)),
  entry(COMPANIONS.laboratory.name, `${COMPANIONS.laboratory.folder}/src/lab`),
]);

/** docs/configuration.md with its tables made from the schemas; the text before the first table is kept. @throws Error for a setting without a meaning */
export function configurationDocument(current: string): string {
  const introduction = current.split(/^## /m)[0] ?? '';
  const services: Settings = serviceEnv;
  const sections = [
    section('Every service and the laboratory', httpProcessEnv),
    section('Every service', without(services, httpProcessEnv)),
    secretsSection(),
    ...OWN.map(([name, settings]) => section(name, without(settings, services))),
  ];
  return introduction + sections.join('\n');
}

/** The settings that `common` does not have; secrets have a table of their own, and each process has its PORT. */
const without = (settings: Settings, common: Settings): Settings =>
  Object.fromEntries(
    Object.entries(settings).filter(
      ([name, setting]) => name !== 'PORT' && !isSecret(name) && common[name] !== setting,
    ),
  );

function section(title: string, settings: Settings): string {
  const rows = Object.entries(settings).map(([name, setting]) => {
    if (!setting.description) throw new Error(`${title}: ${name} needs .describe(…), for docs/configuration.md`);
    return `| \`${name}\` | ${defaultOf(setting)} | ${setting.description} |`;
  });
  return `## ${title}\n\n| variable | default | meaning |\n|---|---|---|\n${rows.join('\n')}\n`;
}

function defaultOf(setting: Setting): string {
  const { defaultValue } = setting.def as { defaultValue?: unknown };
  if (defaultValue !== undefined) return `\`${defaultValue}\``;
  return setting.safeParse(undefined).success ? '' : 'required';
}

function secretsSection(): string {
  const rows = SECRET_VARIABLES.map((name) => {
    const holders = SERVICE_KEYS.filter((key) => secretVariables(key).includes(name));
    return `| \`${name}\` | ${holders.map((key) => SERVICES[key].name).join(', ')} |`;
  });
  return `## Secrets\n\n\`make up\` and \`make secrets\` make them. A caller needs no credential for a service whose address it does not have.\n\n| variable | required by |\n|---|---|\n${rows.join('\n')}\n`;
}

async function entry(name: string, folder: string) {
  const file = new URL(`../${folder}/config.ts`, import.meta.url).href;
  const { schema } = (await import(file)) as { schema: { shape: Settings } };
  return [name, schema.shape] as const;
}
