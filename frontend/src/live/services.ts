import { declaration, SERVICE_KEYS, type ServiceKey } from '@valerix/system';
import type { LiveState } from './live-types.ts';

/** The services in the order of the pages: each before the services that it calls. */
export const SHOWN_SERVICES: readonly ServiceKey[] = [...SERVICE_KEYS].reverse();

/** Whether this installation has the service, by the last state received; true before the first. */
export const isInstalled = (last: LiveState | null, key: ServiceKey): boolean =>
  last === null || last.services[key].replicas.length > 0;

/** A service's name inside a sentence: "order service". */
export const serviceWords = (key: ServiceKey): string => declaration(key).name.replaceAll('-', ' ');

/** A service's name as a title: "Order service". */
export const serviceTitle = (key: ServiceKey): string =>
  serviceWords(key).replace(/^./, (letter) => letter.toUpperCase());
