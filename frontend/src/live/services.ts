import { declaration, SERVICE_KEYS, type ServiceKey } from '@valerix/system';

/** The services in the order of the pages: each before the services that it calls. */
export const SHOWN_SERVICES: readonly ServiceKey[] = [...SERVICE_KEYS].reverse();

/** A service's name inside a sentence: "order service". */
export const serviceWords = (key: ServiceKey): string => declaration(key).name.replaceAll('-', ' ');

/** A service's name as a title: "Order service". */
export const serviceTitle = (key: ServiceKey): string =>
  serviceWords(key).replace(/^./, (letter) => letter.toUpperCase());
