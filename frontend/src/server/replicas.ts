import { lookup } from 'node:dns/promises';
import { isIP, isIPv6 } from 'node:net';
import { perService, SERVICE_KEYS, type ServiceKey } from '@valerix/system';
import type { Config } from './config.ts';
import { Poller } from './poller.ts';

type Lookup = (host: string) => Promise<string[]>;

/** The IP addresses of a host; IPv6 only where there is no IPv4, because a server often has both, as `localhost` does. */
const lookUp: Lookup = async (host) => {
  const found = await lookup(host, { all: true });
  const four = found.filter(({ family }) => family === 4);
  return (four.length > 0 ? four : found).map(({ address }) => address);
};

/** How often names are looked up, milliseconds. A new replica also waits for the name server's own cache. */
const EVERY_MS = 2_000;
const TIMEOUT_MS = 5_000;

/**
 * The processes of each service. A name with several addresses stands for as many replicas: docker compose names a scaled service so,
 * and Kubernetes the pods of a headless Service. Names are looked up again and again; a lookup that fails changes nothing.
 */
export class Replicas {
  readonly #config: Pick<Config, 'urls' | 'replicaUrls'>;
  readonly #found = new Map<string, string[]>();
  readonly #poller: Poller<unknown>;
  readonly #isDown: (url: string) => boolean;
  readonly #turns = perService(() => 0);

  /** @param isDown whether the last attempt to read this replica failed */
  constructor(
    config: Pick<Config, 'urls' | 'replicaUrls'>,
    isDown: (url: string) => boolean,
    { look = lookUp, everyMs = EVERY_MS } = {},
  ) {
    this.#config = config;
    this.#isDown = isDown;
    const names = new Set(SERVICE_KEYS.flatMap((key) => [...config.urls[key], ...config.replicaUrls[key]]));
    const find = async (url: string) => this.#found.set(url, await addressed(url, look).catch(() => this.#at(url)));
    const read = (): Promise<unknown> => Promise.all([...names].map(find));
    this.#poller = new Poller({ intervalMs: everyMs, timeoutMs: TIMEOUT_MS, read });
  }

  start(): void {
    void this.#poller.start();
  }

  stop(): void {
    this.#poller.stop();
  }

  /** The services of this installation: an optional one has no address where it is not installed. */
  installed(): ServiceKey[] {
    return SERVICE_KEYS.filter((key) => this.#config.urls[key].length > 0);
  }

  /** The address of every process of the service that is known, down or not. */
  all(key: ServiceKey): string[] {
    return this.#config.replicaUrls[key].flatMap((url) => this.#at(url));
  }

  /** One process of an installed service: the first that is not known to be down, if there is one. */
  one(key: ServiceKey): string {
    const all = this.all(key);
    return all.find((url) => !this.#isDown(url)) ?? (all[0] as string);
  }

  /** The addresses for a request that any of these services can answer, the first to try in front. Replicas take turns; dead ones come last. */
  forRequest(keys: readonly ServiceKey[]): string[] {
    const all = keys.flatMap((key) => {
      const urls = this.#config.urls[key].flatMap((url) => this.#at(url));
      const first = this.#turns[key]++ % urls.length;
      return [...urls.slice(first), ...urls.slice(0, first)];
    });
    return [...all.filter((url) => !this.#isDown(url)), ...all.filter(this.#isDown)];
  }

  #at(url: string): string[] {
    return this.#found.get(url) ?? [url];
  }
}

/**
 * The URLs of the processes behind a URL. A single process keeps its name, so that its successor at another address is the same replica,
 * restarted. With TLS all keep it: the certificate is for the name.
 */
async function addressed(url: string, look: Lookup): Promise<string[]> {
  const { protocol, hostname } = new URL(url);
  if (protocol !== 'http:' || isIP(hostname.replace(/^\[|\]$/g, '')) !== 0) return [url];
  const addresses = [...new Set(await look(hostname))].sort();
  return addresses.length > 1 ? addresses.map((address) => withHost(url, address)) : [url];
}

function withHost(url: string, address: string): string {
  const at = new URL(url);
  at.hostname = isIPv6(address) ? `[${address}]` : address;
  return at.href.replace(/\/$/, '');
}
