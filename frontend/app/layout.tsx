import type { Metadata, Viewport } from 'next';
import localFont from 'next/font/local';
import { headers } from 'next/headers';
import type { ReactNode } from 'react';
import { Providers } from '../src/browser/providers.tsx';
import { dashboard } from '../src/server/dashboard.ts';
import { sessionView } from '../src/server/session-requests.ts';
import { Shell } from '../src/ui/shell.tsx';
import './globals.css';

export const metadata: Metadata = {
  title: { default: 'Valerix', template: '%s · Valerix' },
  description: 'An order system that loses no order and doubles none, and a laboratory that breaks it on purpose.',
};
/** Served by this server: a page asks no other host for anything. Only Latin letters, 48 kB. */
const inter = localFont({
  src: '../../node_modules/@fontsource-variable/inter/files/inter-latin-wght-normal.woff2',
  variable: '--font-inter',
  weight: '100 900',
});

export const viewport: Viewport = { width: 'device-width', initialScale: 1 };

// Runs before the first paint, so that the page never flashes in the wrong theme, or shows a welcome that was closed.
const THEME =
  "try{var t=localStorage.getItem('valerix.theme');if(t&&t!=='system')document.documentElement.dataset.theme=t;if(localStorage.getItem('valerix.welcomed'))document.documentElement.dataset.welcomed='yes'}catch{}";

export default async function RootLayout({ children }: { children: ReactNode }) {
  const sent = await headers();
  const nonce = sent.get('x-nonce') ?? undefined;
  return (
    <html className={inter.variable} lang="en" suppressHydrationWarning>
      <head>
        {/* biome-ignore lint/security/noDangerouslySetInnerHtml: a constant of this file */}
        <script nonce={nonce} suppressHydrationWarning dangerouslySetInnerHTML={{ __html: THEME }} />
      </head>
      <body>
        <Providers session={sessionView(sent.get('cookie'), dashboard())}>
          <Shell>{children}</Shell>
        </Providers>
      </body>
    </html>
  );
}
