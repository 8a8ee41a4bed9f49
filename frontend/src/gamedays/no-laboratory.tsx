import { PageHead } from '../ui/parts.tsx';

const WAYS: ReadonlyArray<readonly [string, string, string]> = [
  [
    'On a machine with this repository',
    'make gameday',
    'A fresh stack of its own, broken for two minutes. NAME=flash-sale for another experiment.',
  ],
  [
    'Against this system, when it runs on Kubernetes',
    'npx node gameday/src/cli.ts run mix --target kubernetes --namespace valerix',
    'It deletes pods and scales deployments; docs/gamedays.md says what it needs.',
  ],
  [
    'With this page',
    'make up',
    'Starts everything on one machine, the laboratory among it: experiments are started and watched here.',
  ],
];

/** What game days are, and how to have one where this page cannot start them. */
export function NoLaboratory() {
  return (
    <>
      <PageHead
        lead="A game day breaks the system on purpose and proves that nothing was lost: clients order, faults run on a schedule, and at the end every answer is held against both databases."
        title="Game days"
      />
      <section aria-label="No laboratory" className="card max-w-[56rem] space-y-4">
        <div>
          <h2>This installation has no laboratory</h2>
          <p className="text-muted">
            A game day needs a fresh system of its own, and containers cannot start one. It runs from a terminal; its
            report is one HTML file.
          </p>
        </div>
        <dl className="space-y-3">
          {WAYS.map(([where, command, what]) => (
            <div key={command}>
              <dt className="font-medium">{where}</dt>
              <dd>
                <code className="my-1 block break-words rounded-lg bg-raised px-3 py-2">{command}</code>
                <span className="text-muted">{what}</span>
              </dd>
            </div>
          ))}
        </dl>
      </section>
    </>
  );
}
