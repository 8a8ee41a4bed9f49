'use client';

import { ChaosBar } from '../chaos/chaos-bar.tsx';
import { SHOWN_SERVICES } from '../live/services.ts';
import { FiringAlerts } from './alerts.tsx';
import { Charts } from './charts.tsx';
import { EventFeed } from './event-feed.tsx';
import { Figures } from './figures.tsx';
import { HealthTile } from './health-tile.tsx';
import { BreakerCard, QueueCard, ServiceCard } from './service-cards.tsx';
import { SystemMap } from './system-map.tsx';
import { VerdictBanner } from './verdict-banner.tsx';
import { Welcome } from './welcome.tsx';

/** In the order of an operator's questions: is it correct, are faults active, is it fast, where is the problem. */
export function OverviewPage() {
  return (
    <div className="space-y-3">
      <h1 className="sr-only">Overview</h1>
      <Welcome />
      <div className="grid gap-3 xl:grid-cols-2">
        <VerdictBanner />
        <ChaosBar />
      </div>
      <FiringAlerts />
      <Figures />
      <Charts />
      {/* Two or four in a row: however many services are installed, the last row has no gap. */}
      <div className="flex flex-wrap gap-3 *:min-w-0 *:grow *:basis-full sm:*:basis-[calc(50%-6px)] lg:*:basis-[calc(25%-9px)]">
        <HealthTile />
        {SHOWN_SERVICES.map((key) => (
          <ServiceCard key={key} of={key} />
        ))}
        <BreakerCard />
        <QueueCard />
      </div>
      <div className="grid gap-3 xl:grid-cols-[1.7fr_1fr]">
        <SystemMap />
        <EventFeed />
      </div>
    </div>
  );
}
