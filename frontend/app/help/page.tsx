import { COMPANIONS, declaration } from '@valerix/system';
import type { Metadata } from 'next';
import { HelpPage } from '../../src/help/help-page.tsx';
import { SHOWN_SERVICES } from '../../src/live/services.ts';
import { dashboard } from '../../src/server/dashboard.ts';

export const metadata: Metadata = { title: 'Help' };

export default function Page() {
  const { urls, laboratoryUrl, dashboardUrl } = dashboard().config;
  const all = [
    ...SHOWN_SERVICES.map((key) => [declaration(key).name, urls[key][0] ?? null] as const),
    [COMPANIONS.laboratory.name, laboratoryUrl] as const,
  ];
  const apis = all.flatMap(([name, url]) => (url === null ? [] : [{ name, href: reachable(url, dashboardUrl) }]));
  return <HelpPage apis={apis} />;
}

/** The address of an API's pages, where the browser is on this machine too; elsewhere the services are not open to browsers. */
function reachable(url: string, dashboardUrl: string): string | null {
  const isHere = [url, dashboardUrl].every((one) =>
    ['127.0.0.1', 'localhost', '[::1]'].includes(new URL(one).hostname),
  );
  return isHere ? `${url}/docs` : null;
}
