'use client';

import { ChaosBar } from '../src/chaos/chaos-bar.tsx';
import { SHOWN_SERVICES } from '../src/live/services.ts';
import { FiringAlerts } from '../src/overview/alerts.tsx';
import { Charts } from '../src/overview/charts.tsx';
import { EventFeed } from '../src/overview/event-feed.tsx';
import { Figures } from '../src/overview/figures.tsx';
import { HealthTile } from '../src/overview/health-tile.tsx';
import { BreakerCard, QueueCard, ServiceCard } from '../src/overview/service-cards.tsx';
import { SystemMap } from '../src/overview/system-map.tsx';
import { VerdictBanner } from '../src/overview/verdict-banner.tsx';
import { Welcome } from '../src/overview/welcome.tsx';

/** In the order of an operator's questions: is it correct, are faults active, is it fast, where is the problem. */
export default function OverviewPage() {
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
      <div className="grid grid-cols-[repeat(auto-fit,minmax(15rem,1fr))] gap-3">
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
