import { type Stack, type StackOptions, startStack } from '@valerix/local-stack';
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core';

const CHROMIUM = '/usr/bin/chromium';
/** As root, in a machine without GPU or network. */
const FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

export interface System {
  readonly stack: Stack;
  readonly browser: Browser;
  readonly url: string;
  /** A new browser profile, signed in as operator if asked. */
  context(options?: ContextOptions): Promise<BrowserContext>;
  /** A page of a new profile. */
  page(path: string, options?: ContextOptions): Promise<Page>;
  stop(): Promise<void>;
}

interface ContextOptions {
  readonly operator?: boolean;
  readonly width?: number;
  readonly scheme?: 'light' | 'dark';
}

export const launchBrowser = (): Promise<Browser> => chromium.launch({ executablePath: CHROMIUM, args: FLAGS });

/** The real system on free ports, with the dashboard and by default no laboratory, and a browser. */
export async function startSystem(options: Pick<StackOptions, 'env' | 'companions'> = {}): Promise<System> {
  const stack = await startStack({ companions: ['dashboard'], ...options });
  const browser = await launchBrowser();
  const url = stack.companions.dashboard.urls[0] ?? '';
  // Each link works once; its use writes the next one to the log.
  let signedIn = Promise.resolve();
  const context = async ({ operator = false, width = 1440, scheme = 'light' }: ContextOptions = {}) => {
    const made = await browser.newContext({ viewport: { width, height: 900 }, colorScheme: scheme });
    made.setDefaultTimeout(30_000);
    if (operator) {
      signedIn = signedIn.then(() => signIn(made, stack, url));
      await signedIn;
    }
    return made;
  };
  return {
    stack,
    browser,
    url,
    context,
    page: async (path, options) => {
      const page = await (await context(options)).newPage();
      await page.goto(`${url}${path}`);
      return page;
    },
    stop: async () => {
      await browser.close();
      await stack.stop();
    },
  };
}

/** Waits until the shop says that an order is confirmed. @throws Error with what the page shows instead */
export async function seeConfirmed(page: Page): Promise<void> {
  const main = page.getByRole('main');
  await main
    .getByText('201 Confirmed')
    .waitFor()
    .catch(async (error: Error) => {
      throw new Error(`${error.message}\nThe page shows:\n${await main.innerText()}`);
    });
}

/** The newest sign-in link in the dashboard's log. */
export function signInLink(stack: Stack): string {
  const links = [...stack.logs('frontend').matchAll(/dashboard sign-in: \S*(\/sign-in\?token=\S+)/g)];
  const link = links.at(-1)?.[1];
  if (link === undefined) throw new Error(`no sign-in link in the log:\n${stack.logs('frontend')}`);
  return link;
}

async function signIn(context: BrowserContext, stack: Stack, url: string): Promise<void> {
  const page = await context.newPage();
  await page.goto(`${url}${signInLink(stack)}`);
  await page.getByRole('button', { name: 'Sign out' }).waitFor();
  await page.close();
}

/** All orders with this key, from the order service itself. */
export async function ordersWithKey(stack: Stack, key: string): Promise<Array<{ order_id: string; status: string }>> {
  const answer = await fetch(`${stack.services.order.urls[0]}/api/orders?idempotency_key=${encodeURIComponent(key)}`);
  return ((await answer.json()) as { items: Array<{ order_id: string; status: string }> }).items;
}

/** The available units of an item, from the inventory service itself. */
export async function unitsOf(stack: Stack, item: string): Promise<number> {
  const answer = await fetch(`${stack.services.inventory.urls[0]}/api/inventory/${item}`);
  return ((await answer.json()) as { item: { quantity: number } }).item.quantity;
}
