import { setTimeout as sleep } from 'node:timers/promises';
import type { ServiceKey } from '@valerix/system';
import type { LiveSecond, LiveSnapshot } from '../live/live-types.ts';
import type { ServiceDetails } from '../live/service-details.ts';
import type { StockHistoryView } from '../live/stock-history.ts';
import { ChartHistory } from './chart-history.ts';
import { ClassRoom } from './class-room.ts';
import { type Config, processConfig } from './config.ts';
import { type ForwardDeps, forward } from './forward.ts';
import { IdentityClient, type Renewer } from './identity-client.ts';
import { LiveHub } from './live-hub.ts';
import { LoadGenerator } from './load-generator.ts';
import { OpenIdProvider } from './open-id-provider.ts';
import { OrderFeed } from './order-feed.ts';
import { Replicas } from './replicas.ts';
import { Sampler } from './sampler.ts';
import { detailsOf } from './service-details.ts';
import { isOperator } from './session.ts';
import { looksOn, Sessions } from './sessions.ts';
import { SignIn } from './sign-in.ts';

/** As often as an open card asks. */
const DETAILS_MS = 2_000;

/** What a browser may see. */
interface Sight {
  /** Whether the orders of all customers are for this browser. */
  readonly seesOrders: boolean;
  /** Looks on with a class, and changes nothing. */
  readonly onlyLooks: boolean;
  /** For how long, milliseconds: a role that was taken away ends with its token. `null`: without an end. */
  readonly leftMs: number | null;
  /** For the answer: the cookie, if the session was renewed. */
  readonly headers: Record<string, string>;
}

/** The long-lived objects of the dashboard server. */
export class Dashboard {
  readonly config: Config;
  readonly signIn: SignIn;
  /** `null` when another provider takes the place of identity-service. */
  readonly identity: IdentityClient | null;
  readonly provider: OpenIdProvider | null;
  readonly sessions: Sessions;
  readonly hub = new LiveHub();
  readonly classRoom = new ClassRoom();
  readonly load: LoadGenerator;
  readonly #forwardDeps: ForwardDeps;
  readonly #feed: OrderFeed;
  readonly #sampler: Sampler;
  readonly #replicas: Replicas;
  readonly #details = new Map<ServiceKey, { atMs: number; read: Promise<ServiceDetails> }>();
  /** True once the process has been told to stop; it is no longer ready. */
  draining = false;
  #underWay = 0;

  constructor(config: Config, write: (line: string) => void) {
    this.config = config;
    this.signIn = new SignIn(config, write);
    const replicas = new Replicas(config, (url) => this.#sampler.isDown(url));
    this.#replicas = replicas;
    const load = new LoadGenerator(replicas);
    this.load = load;
    this.provider = config.oidc === null ? null : new OpenIdProvider(config.oidc, config.dashboardUrl);
    this.identity = config.oidc === null ? new IdentityClient(() => replicas.forRequest(['identity'])) : null;
    this.sessions = new Sessions(config, (this.provider ?? this.identity) as Renewer, this.classRoom);
    const feed = new OrderFeed(
      () => replicas.one('order'),
      config.operatorToken,
      (event) => {
        load.heard(event);
        this.hub.sendOrder(event);
      },
    );
    this.#feed = feed;
    const onSecond = (second: LiveSecond) => this.hub.sendSecond(second);
    const history = new ChartHistory(config.historyFile);
    this.#sampler = new Sampler({ config, replicas, feed, load, classRoom: this.classRoom, history, onSecond });
    this.#forwardDeps = {
      replicas,
      laboratoryUrl: config.laboratoryUrl,
      operatorToken: config.operatorToken,
      sessions: this.sessions,
    };
  }

  start(): void {
    this.signIn.offerLink();
    this.#replicas.start();
    this.#sampler.start();
    this.#feed.start();
  }

  /** Forwards an allowed request to a service. */
  async forward(request: Request): Promise<Response> {
    this.#underWay += 1;
    try {
      return await forward(request, this.#forwardDeps);
    } finally {
      this.#underWay -= 1;
    }
  }

  /** Ends sampling and all streams. */
  stop(): void {
    this.load.close();
    this.#replicas.stop();
    this.#sampler.stop();
    this.#feed.stop();
    this.hub.close();
  }

  /** Resolves once no request is under way, or at the limit. */
  async drained(limitMs: number): Promise<void> {
    const deadline = Date.now() + limitMs;
    while (this.#underWay > 0 && Date.now() < deadline) await sleep(20);
  }

  /** Whether the orders of all customers are for this browser, by a token that is valid now. */
  async sightOf(request: Request): Promise<Sight> {
    const onlyLooks = looksOn(this.sessions.peek(request.headers.get('cookie')));
    if (this.config.access === 'open') return { seesOrders: true, onlyLooks, leftMs: null, headers: {} };
    const { session, state, setCookie } = await this.sessions.current(request);
    const headers: Record<string, string> = setCookie === null ? {} : { 'set-cookie': setCookie };
    if (session === null || state !== 'ok' || !isOperator(session)) {
      return { seesOrders: false, onlyLooks, leftMs: null, headers };
    }
    return { seesOrders: true, onlyLooks, leftMs: Math.max(0, session.expires_at_ms - Date.now()), headers };
  }

  /** The live data for this browser, until it may no longer see what it sees; it then asks again. `stream` is as of `LiveHub.watch`. */
  async watch(request: Request) {
    const { seesOrders, leftMs, headers } = await this.sightOf(request);
    const ends = leftMs === null ? [] : [AbortSignal.timeout(leftMs)];
    const signal = AbortSignal.any([request.signal, ...ends]);
    return { stream: this.hub.watch(this.snapshot(), signal, seesOrders), headers };
  }

  /** What an open card shows of a service, read at most once in two seconds, however many ask. */
  details(key: ServiceKey): Promise<ServiceDetails> {
    const now = Date.now();
    const last = this.#details.get(key);
    if (last !== undefined && now - last.atMs < DETAILS_MS) return last.read;
    const read = detailsOf(key, this.#sampler.known(key), this.config.prometheusUrl, now);
    this.#details.set(key, { atMs: now, read });
    return read;
  }

  get stock(): StockHistoryView {
    return this.#sampler.stock.view;
  }

  snapshot(): LiveSnapshot {
    return { state: this.#sampler.state, points: this.#sampler.points, events: this.#feed.recent };
  }
}

// Next bundles the start hook and each route separately, so shared objects must live on the process.
const KEY = Symbol.for('valerix.dashboard');
type Holder = { [KEY]?: Dashboard };

/** The dashboard of this process; the first call starts it. */
export function dashboard(): Dashboard {
  const holder = globalThis as Holder;
  if (holder[KEY] === undefined) {
    const made = new Dashboard(processConfig(), (line) => process.stdout.write(line));
    holder[KEY] = made;
    made.start();
    for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => void shutDown(made));
  }
  return holder[KEY];
}

/** Longer than any order takes. */
const DRAIN_MS = 5_000;
/** For the last bytes of the last answers. */
const FLUSH_MS = 200;

/**
 * Ends the process, after a pause in which proxies see that it is no longer ready. Next would wait for all connections to close,
 * while watching browsers reconnect.
 */
async function shutDown(self: Dashboard): Promise<void> {
  self.draining = true;
  await sleep(self.config.shutdownDelayMs);
  self.stop();
  await self.drained(DRAIN_MS);
  await sleep(FLUSH_MS);
  process.exit(0);
}
