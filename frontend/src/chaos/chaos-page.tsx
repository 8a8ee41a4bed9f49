'use client';

import Link from 'next/link';
import { useSession } from '../browser/hooks.ts';
import { RunningLoad } from '../load/running-load.tsx';
import { Icon } from '../ui/icons.tsx';
import { Note, PageHead } from '../ui/parts.tsx';
import { SignInHint } from '../ui/session-menu.tsx';
import { AuditCard } from './audit-card.tsx';
import { CustomFault } from './custom-fault.tsx';
import { FaultCards } from './fault-cards.tsx';
import { ReplicasCard } from './replicas-card.tsx';
import { SimpleChaos } from './simple-chaos.tsx';
import { StateCard } from './state-card.tsx';
import { useChaosState, useWho, type Who } from './use-chaos.ts';

export function ChaosPage() {
  const { operator } = useSession();
  const { chaos } = useChaosState();
  const who = useWho();
  // Nobody signed in, or halted: arming is refused by the service, so it is not offered here.
  const disabled = operator !== true || chaos?.halt.halted === true;
  return (
    <>
      <PageHead
        lead="Break the system on purpose. Every fault ends by itself, and Halt all ends everything at once."
        title="Chaos"
      >
        <Link className="button" href="/chaos/demo">
          Guided demo: Schrödinger's warehouse <Icon name="arrow" size={14} />
        </Link>
      </PageHead>
      {operator === false ? (
        <div className="mb-3">
          <Note icon="person" tone="info">
            <SignInHint what="arm and halt faults" />
          </Note>
        </div>
      ) : null}
      <div className="grid gap-3 xl:grid-cols-[minmax(0,2.2fr)_minmax(300px,1fr)]">
        <div className="min-w-0 space-y-3">
          <RunningLoad />
          <StateCard who={who} />
          <WhoAndWhy disabled={operator !== true} who={who} />
          <SimpleChaos disabled={disabled} who={who} />
          <FaultCards disabled={disabled} who={who} />
          <CustomFault disabled={disabled} who={who} />
        </div>
        <div className="min-w-0 space-y-3">
          <ReplicasCard />
          <AuditCard />
        </div>
      </div>
    </>
  );
}

function WhoAndWhy({ who, disabled }: { who: Who; disabled: boolean }) {
  return (
    <section aria-label="Who and why" className="card grid gap-3 sm:grid-cols-[14rem_1fr]">
      <label className="block">
        <span className="label">Your name, for the audit</span>
        <input
          className="field"
          disabled={disabled}
          maxLength={100}
          onChange={(event) => who.setName(event.target.value)}
          placeholder="operator"
          value={who.name}
        />
      </label>
      <label className="block">
        <span className="label">Why, for the audit</span>
        <input
          className="field"
          disabled={disabled}
          maxLength={500}
          onChange={(event) => who.setReason(event.target.value)}
          placeholder="Game day, exercise 2"
          value={who.reason}
        />
      </label>
    </section>
  );
}
