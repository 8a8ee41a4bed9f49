import type { PointOf } from '@valerix/contracts';
import type { FaultContext } from '@valerix/service-kit/chaos/fault-context';
import type { Injector } from '@valerix/service-kit/chaos/injector';
import { withFailpoints } from '@valerix/service-kit/chaos/wrap';
import type { StockCommand } from '../decide.ts';
import type { DecideOrder } from '../decide-orders.ts';

type InventoryInjector = Injector<PointOf<'inventory'>>;

/** What a fault sees of a command: it matches as the single request it stands for, and as part of the list it came in. */
function contextOf(command: StockCommand): FaultContext {
  return {
    order_id: command.order_id,
    item_ids: command.op === 'deduct' ? command.items.map(({ item_id }) => item_id) : [],
    attempt: command.attempt ?? 1,
    method: 'POST',
    paths: [`/api/inventory/${command.op}`, '/api/inventory/commands'],
  };
}

/** Around the decision of one order. */
export function withDecisionFaults(injector: InventoryInjector, decideOrder: DecideOrder): DecideOrder {
  return withFailpoints(injector, decideOrder, {
    before: 'ledger.before-decide',
    after: 'after-commit',
    context: contextOf,
  });
}

/** For commands that travel together: each passes `inbound` by itself, so that a fault on one order hits its line alone. */
export function withCommandFaults(injector: InventoryInjector, decideOrder: DecideOrder): DecideOrder {
  return withFailpoints(injector, decideOrder, { before: 'inbound', context: contextOf });
}

/** The hook inside the transaction, while a fault is armed there; a batch is as good as its worst order. */
export function beforeCommitFaults(injector: InventoryInjector) {
  const point = injector.point('ledger.before-commit');
  const hook = withFailpoints(injector, async (_commands: StockCommand[]) => {}, {
    before: 'ledger.before-commit',
    context: (commands) => commands.map(contextOf),
  });
  return () => (point.armed ? hook : undefined);
}
