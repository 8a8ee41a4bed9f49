import type { Metadata } from 'next';
import { GamedaysPage } from '../../src/gamedays/gamedays-page.tsx';
import { dashboard } from '../../src/server/dashboard.ts';

export const metadata: Metadata = { title: 'Game days' };
// Whether there is a laboratory is known at run time only, not at build time.
export const dynamic = 'force-dynamic';

export default function Page() {
  return <GamedaysPage laboratory={dashboard().config.laboratoryUrl !== null} />;
}
