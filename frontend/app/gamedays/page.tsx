import type { Metadata } from 'next';
import { GamedaysPage } from '../../src/gamedays/gamedays-page.tsx';
import { dashboard } from '../../src/server/dashboard.ts';

export const metadata: Metadata = { title: 'Game days' };
// Whether there is a laboratory is known when the server runs, not when it is built.
export const dynamic = 'force-dynamic';

export default function Page() {
  return <GamedaysPage laboratory={dashboard().config.laboratoryUrl !== null} />;
}
