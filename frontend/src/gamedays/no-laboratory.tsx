import { PageHead } from '../ui/parts.tsx';

const WAYS: ReadonlyArray<readonly [string, string, string]> = [
  [
    'On a machine with this repository',
    'make gameday',
    'Breaks a fresh stack for two minutes. NAME=flash-sale runs another experiment.',
  ],
  [
    'Against this system on Kubernetes',
    'npx node gameday/src/cli.ts run mix --target kubernetes --namespace valerix',
    'Deletes pods and scales deployments. With the component “laboratory”, this page starts such runs. docs/gamedays.md has the requirements.',
  ],
  [
    'With this page',
    'make up',
    'Starts everything on one machine, including the laboratory. This page then starts and shows experiments.',
  ],
];

/** Explains game days, and how to run one without this page. */
export function NoLaboratory() {
  return (
    <>
      <PageHead
        lead="A game day breaks a system on purpose: orders arrive, faults fire on a schedule, and at the end every client answer is checked against the databases."
        title="Game days"
      />
      <section aria-label="No laboratory" className="card max-w-[56rem] space-y-4">
        <div>
          <h2>This installation has no laboratory</h2>
          <p className="text-muted">Without it, a game day runs from a terminal; its report is one HTML file.</p>
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
