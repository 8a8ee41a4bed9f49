import type { ArmFaultBody } from '@valerix/contracts';
import { formatRate } from '../browser/format.ts';
import { useFreshState, useLive } from '../browser/hooks.ts';

/** How much of the present traffic a fault would hit: "about 15 of 50 orders a second". */
export function BlastRadius({ fault }: { fault: Pick<ArmFaultBody, 'percentage' | 'every_nth' | 'match' | 'point'> }) {
  const { points } = useLive();
  const last = useFreshState() === null ? undefined : points.at(-1);
  const { confirmed = null, queued = null, failed = null } = last ?? {};
  if (confirmed === null || queued === null || failed === null) return null;
  const rate = confirmed + queued + failed;
  if (rate === 0) return <p className="text-muted">No orders arrive now, so nothing would be hit.</p>;
  const share = (fault.every_nth === undefined ? 1 : 1 / fault.every_nth) * (fault.percentage / 100);
  const only = fault.match.item_id ? `, of those with ${fault.match.item_id}` : '';
  return (
    <p className="text-muted">
      Now: about {formatRate(rate * share)} of {formatRate(rate)} orders a second{only}.
    </p>
  );
}
