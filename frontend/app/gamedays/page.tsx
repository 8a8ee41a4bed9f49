import type { Metadata } from 'next';
import { GamedaysPage } from '../../src/gamedays/gamedays-page.tsx';
import { dashboard } from '../../src/server/dashboard.ts';

export const metadata: Metadata = { title: 'Game days' };
// Only the running server knows whether there is a laboratory, not the build.
export const dynamic = 'force-dynamic';

export default function Page() {
  return <GamedaysPage laboratory={dashboard().config.laboratoryUrl !== null} />;
}
