import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { FAILPOINTS } from '@valerix/contracts';
import { SERVICE_NAMES } from '@valerix/system';
import { expect, it } from 'vitest';

const root = join(import.meta.dirname, '..');
const sourcesOf = (service: string) =>
  readdirSync(`${root}/${service}/src`, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .map((name) => ({ name, text: readFileSync(`${root}/${service}/src/${name}`, 'utf8') }));

/** Where chaos may be known: the composition root (`main.ts`, or the `start-*.ts` that it calls), and the folder that is about nothing else. */
const MAY_KNOW = /^(main\.ts|start-[a-z-]+\.ts|chaos\/.+)$/;

it.each(SERVICE_NAMES)('no use case, store or client of %s knows chaos', (service) => {
  const knowing = sourcesOf(service).filter(({ text }) => text.includes('service-kit/chaos/'));
  expect(knowing.map(({ name }) => name).filter((name) => !MAY_KNOW.test(name))).toEqual([]);
});

it.each(FAILPOINTS)('$service passes $point', ({ service, point }) => {
  const wiring = [
    ...sourcesOf(service).filter(({ name }) => MAY_KNOW.test(name)),
    ...['inbound', 'dependency-postgres', 'dependency-redis'].map((name) => ({
      name,
      text: readFileSync(`${root}/packages/service-kit/src/chaos/${name}.ts`, 'utf8'),
    })),
  ];
  expect(wiring.some(({ text }) => text.includes(`'${point}'`))).toBe(true);
});
