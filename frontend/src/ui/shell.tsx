'use client';

import Link from 'next/link';
import { usePathname } from 'next/navigation';
import { lazy, type ReactNode, Suspense, useEffect, useRef, useState } from 'react';
import { formatSpan, plural } from '../browser/format.ts';
import { knownChaos, useFresh, useLiveOf, useSilence, useSilent } from '../browser/hooks.ts';
import type { Live } from '../browser/live-store.ts';
import type { LiveState } from '../live/live-types.ts';
import { Icon, type IconName } from './icons.tsx';
import { keepFocus } from './keep-focus.ts';
import { SessionMenu, SessionNotices } from './session-menu.tsx';
import { useShortcuts } from './shortcuts.ts';
import { Status } from './status.tsx';
import { changeTheme, useTheme } from './theme.ts';

export const PAGES: ReadonlyArray<{ href: string; label: string; icon: IconName; key: string }> = [
  { href: '/', label: 'Overview', icon: 'overview', key: 'o' },
  { href: '/shop', label: 'Shop', icon: 'shop', key: 's' },
  { href: '/orders', label: 'Orders', icon: 'orders', key: 'r' },
  { href: '/inventory', label: 'Inventory', icon: 'inventory', key: 'i' },
  { href: '/chaos', label: 'Chaos', icon: 'chaos', key: 'c' },
  { href: '/load', label: 'Load', icon: 'load', key: 'l' },
  { href: '/gamedays', label: 'Game days', icon: 'gamedays', key: 'g' },
];

/** Pages that are reached from another one, with the section that they belong to. */
const SECTIONS: Readonly<Record<string, string>> = { '/class': '/gamedays', '/payments': '/orders' };

/** Loaded after the page, because there is nothing to tell at first. */
const Notices = lazy(() => import('./notices.tsx').then((made) => ({ default: made.Notices })));

/** Loaded when it is first opened. */
const ShortcutHelp = lazy(() => import('./shortcut-help.tsx').then((made) => ({ default: made.ShortcutHelp })));

/** The frame of every page: navigation, freshness of the data, chaos at a glance, session, theme, shortcuts. */
export function Shell({ children }: { children: ReactNode }) {
  const shortcuts = useShortcuts(PAGES);
  const [wanted, setWanted] = useState(false);
  if (shortcuts.open && !wanted) setWanted(true);
  const main = useRef<HTMLElement>(null);
  useEffect(() => (main.current === null ? undefined : keepFocus(main.current)), []);
  return (
    <>
      <a className="sr-only z-50 bg-surface p-2 focus:not-sr-only focus:absolute focus:top-1 focus:left-1" href="#main">
        Skip to the content
      </a>
      <header className="sticky top-0 z-20 border-line border-b bg-surface">
        {/* Two rows at most, one on a wide screen: what is below would jump. A phone has no room for every word beside chaos. */}
        <div className="group mx-auto flex max-w-[1800px] flex-wrap items-center gap-x-2 px-3 sm:gap-x-4 sm:px-5">
          <Link className="flex h-11 items-center lg:h-12 gap-2 font-semibold text-lg" href="/">
            <Logo />{' '}
            <span className="max-sm:group-has-data-chaos:sr-only max-sm:group-has-data-silent:sr-only">Valerix</span>
          </Link>
          <Navigation />
          <div className="ml-auto flex min-h-11 flex-wrap items-center justify-end gap-1.5">
            <ChaosBadge />
            <Freshness />
            <ThemeButton />
            <button
              aria-label="Keyboard shortcuts"
              className="hidden rounded-md px-2 py-0.5 text-muted hover:bg-raised hover:text-text sm:block"
              onClick={shortcuts.toggle}
              title="Keyboard shortcuts (?)"
              type="button"
            >
              ?
            </button>
            <SessionMenu />
          </div>
        </div>
      </header>
      <main className="mx-auto max-w-[1800px] px-3 py-4 sm:px-5" id="main" ref={main} tabIndex={-1}>
        <SessionNotices />
        {children}
      </main>
      <Footer />
      <Suspense>
        <Notices />
        {wanted ? <ShortcutHelp close={shortcuts.close} open={shortcuts.open} pages={PAGES} /> : null}
      </Suspense>
    </>
  );
}

function Footer() {
  const isHelp = usePathname() === '/help';
  return (
    <footer className="mx-auto max-w-[1800px] px-3 pb-4 text-muted sm:px-5">
      <Link
        aria-current={currentOf(isHelp, isHelp)}
        className={isHelp ? 'border-accent border-b-2 font-medium text-text' : 'link'}
        href="/help"
      >
        Help: glossary, APIs, documents
      </Link>
    </footer>
  );
}

function ThemeButton() {
  const theme = useTheme();
  return (
    <button
      aria-label={`Theme: ${theme}. Change it`}
      className="rounded-md p-1.5 text-muted hover:bg-raised hover:text-text"
      onClick={changeTheme}
      title={`Theme: ${theme} (t changes it)`}
      type="button"
    >
      <Icon name={theme === 'system' ? 'screen' : theme === 'dark' ? 'moon' : 'sun'} />
    </button>
  );
}

/** `page` for the page itself, `true` for the section that it is in. */
const currentOf = (isSection: boolean, isPage: boolean) => (isPage ? 'page' : isSection || undefined);

function Navigation() {
  const path = usePathname();
  const section = SECTIONS[path] ?? path;
  const nav = useRef<HTMLElement>(null);
  // On a narrow screen the list of pages scrolls: keep the current page in view.
  // biome-ignore lint/correctness/useExhaustiveDependencies: the current page depends on the path
  useEffect(() => {
    nav.current?.querySelector('[aria-current]')?.scrollIntoView({ block: 'nearest', inline: 'nearest' });
  }, [path]);
  return (
    <nav
      ref={nav}
      aria-label="Pages"
      className="order-last -mx-3 flex w-[calc(100%+1.5rem)] overflow-x-auto px-1.5 lg:order-none lg:mx-0 lg:w-auto lg:px-0"
    >
      {PAGES.map(({ href, label, icon }) => {
        const current = href === '/' ? path === '/' : section.startsWith(href);
        return (
          <Link
            aria-current={currentOf(current, path === href)}
            className={`flex items-center gap-1.5 h-10 whitespace-nowrap border-b-2 px-2.5 lg:h-12 ${
              current ? 'border-accent font-medium text-text' : 'border-transparent text-muted hover:text-text'
            }`}
            href={href}
            key={href}
          >
            <Icon className="hidden sm:block lg:hidden 2xl:block" name={icon} size={15} />
            {label}
          </Link>
        );
      })}
    </nav>
  );
}

/** Says whether the page's data is current. */
function Freshness() {
  const connection = useLiveOf(connectionOf);
  if (useSilent()) {
    return (
      <span data-silent>
        <NoData />
      </span>
    );
  }
  if (connection === 'connecting') return <Status icon="wait" tone="unknown" word="Connecting" {...IF_ROOM} />;
  if (connection === 'lost') return <Status tone="warn" word="Reconnecting" {...IF_ROOM} />;
  return (
    <span className="max-sm:group-has-data-chaos:sr-only">
      <Status tone="ok" word="Live" />
    </span>
  );
}

/** On a phone, only the icon beside chaos. */
const IF_ROOM = { wordClass: 'max-sm:group-has-data-chaos:sr-only' };

/** Before the first state too: it is no news that a page that has just opened has heard nothing. */
const connectionOf = ({ connection, state, received_at_ms }: Live) =>
  received_at_ms === null || (state === null && connection !== 'lost') ? 'connecting' : connection;

const NoData = () => <Status tone="warn" word={`No data for ${formatSpan(useSilence().silence)}`} />;

const badgeOf = (state: LiveState) => {
  const chaos = knownChaos(state);
  return chaos && { halted: chaos.halt.halted, faults: chaos.faults.length };
};

/** Shows on every page whether faults are active; hidden if there are none. Where there is little room, "No data" says enough. */
function ChaosBadge() {
  const everKnown = useLiveOf(({ state }) => state?.chaos.value != null);
  const fresh = useFresh(badgeOf);
  const silent = useSilent();
  if (!everKnown || (fresh && fresh.faults === 0 && !fresh.halted)) return null;
  return (
    <Link className={silent ? 'max-xl:hidden' : ''} data-chaos={silent ? undefined : ''} href="/chaos">
      {fresh === null ? <Status tone="unknown" word="Chaos unknown" /> : null}
      {fresh?.halted ? <Status icon="halt" tone="info" word="Chaos halted" /> : null}
      {fresh && !fresh.halted ? <Status icon="chaos" tone="warn" word={plural(fresh.faults, 'fault')} /> : null}
    </Link>
  );
}

function Logo() {
  return (
    <svg aria-hidden="true" height="22" viewBox="0 0 32 32" width="22">
      <rect fill="var(--accent)" height="32" rx="7" width="32" />
      <path
        d="M8 9l8 15 8-15"
        fill="none"
        stroke="var(--on-accent)"
        strokeLinecap="round"
        strokeLinejoin="round"
        strokeWidth="3.4"
      />
    </svg>
  );
}
