'use client';

import Link from 'next/link';
import type { ReactNode } from 'react';
import { plural } from '../browser/format.ts';
import { useChaos, useSession } from '../browser/hooks.ts';
import { useTitle } from '../browser/use-title.ts';
import { TextField } from '../ui/forms.tsx';
import { Icon } from '../ui/icons.tsx';
import { PageHead } from '../ui/parts.tsx';
import { SignInNote } from '../ui/session-menu.tsx';
import { Tabs } from '../ui/tabs.tsx';
import { AuditCard } from './audit-card.tsx';
import { FaultBench } from './fault-bench.tsx';
import { ReplicasCard } from './replicas-card.tsx';
import { ScenarioCard } from './scenario-card.tsx';
import { SimpleChaos } from './simple-chaos.tsx';
import { StateCard } from './state-card.tsx';
import { useWho } from './use-chaos.ts';

/** `notice` tells of other activity in this tab, above the state. */
export function ChaosPage({ notice }: { notice: ReactNode }) {
  const { operator, name } = useSession();
  const { chaos, fresh, off } = useChaos();
  const active = fresh?.halt.halted ? 0 : (fresh?.faults.length ?? 0);
  useTitle(active > 0 ? `${plural(active, 'fault')}: Chaos` : 'Chaos');
  const who = useWho();
  // The service arms nothing without an operator, with CHAOS=off, or while chaos is halted.
  const disabled = operator !== true || off || chaos?.halt.halted === true;
  return (
    <>
      <PageHead
        lead="Break the system on purpose. Every fault ends by itself, and Halt all ends all faults at once."
        title="Chaos"
      >
        <Link className="button" href="/chaos/demo">
          Guided demo: Schrödinger's warehouse <Icon name="arrow" size={14} />
        </Link>
      </PageHead>
      <SignInNote what="arm and halt faults" />
      <div className="grid gap-3 xl:grid-cols-[minmax(0,2.2fr)_minmax(300px,1fr)]">
        <div className="min-w-0 space-y-3">
          {notice}
          <StateCard />
          <ScenarioCard disabled={disabled} who={who} />
          <section aria-label="Why" className="card space-y-1">
            <TextField
              disabled={operator !== true}
              label="Reason, for the audit"
              maxLength={500}
              placeholder="Game day, exercise 2"
              set={who.setReason}
              value={who.reason}
            />
            {name ? <p className="break-words text-muted">The audit names you: {name}.</p> : null}
          </section>
          <Tabs label="Ways to break it" names={['Faults', 'Four dials']}>
            {(tab) =>
              tab === 'Faults' ? (
                <FaultBench disabled={disabled} who={who} />
              ) : (
                <SimpleChaos disabled={disabled} who={who} />
              )
            }
          </Tabs>
        </div>
        <div className="min-w-0 xl:sticky xl:top-[calc(var(--header)+11px)] xl:self-start">
          <Tabs label="What happened" names={['Audit', 'Processes']}>
            {(tab) => (
              <section
                aria-label={`Scrolled ${tab}`}
                className="xl:max-h-[75vh] xl:overflow-y-auto"
                // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by the keyboard
                tabIndex={0}
              >
                {tab === 'Audit' ? <AuditCard /> : <ReplicasCard />}
              </section>
            )}
          </Tabs>
        </div>
      </div>
    </>
  );
}
