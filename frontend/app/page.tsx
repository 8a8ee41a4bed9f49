import { FiringAlerts } from '../src/overview/alerts.tsx';
import { ChaosBar } from '../src/overview/chaos-bar.tsx';
import { Charts } from '../src/overview/charts.tsx';
import { EventFeed } from '../src/overview/event-feed.tsx';
import { HealthTile } from '../src/overview/health-tile.tsx';
import { BreakerCard, QueueCard, ServiceCard } from '../src/overview/service-cards.tsx';
import { SystemMap } from '../src/overview/system-map.tsx';
import { VerdictBanner } from '../src/overview/verdict-banner.tsx';

/** In the order in which an operator asks: is it correct, is somebody breaking it, is it fast, what is where. */
export default function OverviewPage() {
  return (
    <div className="space-y-3">
      <h1 className="sr-only">Overview</h1>
      <VerdictBanner />
      <ChaosBar />
      <FiringAlerts />
      <div className="grid gap-3 sm:grid-cols-2 xl:grid-cols-[1.25fr_1.1fr_1.1fr_1fr]">
        <HealthTile />
        <ServiceCard name="order-service" />
        <ServiceCard name="inventory-service" />
        <div className="grid gap-3">
          <BreakerCard />
          <QueueCard />
        </div>
      </div>
      <Charts />
      <div className="grid gap-3 xl:grid-cols-[1.7fr_1fr]">
        <SystemMap />
        <EventFeed />
      </div>
    </div>
  );
}
