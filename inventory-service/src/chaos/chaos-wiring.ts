import type { PointOf } from '@valerix/contracts';
import type { FaultContext } from '@valerix/service-kit/chaos/fault-context';
import type { Injector } from '@valerix/service-kit/chaos/injector';
import { withFailpoints } from '@valerix/service-kit/chaos/wrap';
import type { StockCommand } from '../decide.ts';
import type { DecideOrder } from '../decide-orders.ts';

/** Undefined with CHAOS=off: then every step stays as it is. */
type InventoryInjector = Injector<PointOf<'inventory'>> | undefined;

/** What a fault can match of a command: the single request that it stands for, and the list that it came in. */
function contextOf(command: StockCommand): FaultContext {
  return {
    order_id: command.order_id,
    item_ids: 'items' in command ? command.items.map(({ item_id }) => item_id) : [],
    attempt: command.attempt ?? 1,
    method: 'POST',
    paths: [`/api/inventory/${command.op}`, '/api/inventory/commands'],
  };
}

/** The failpoints around the decision of one order. */
export function withDecisionFaults(injector: InventoryInjector, decideOrder: DecideOrder): DecideOrder {
  return withFailpoints(injector, decideOrder, {
    before: 'ledger.before-decide',
    after: 'after-commit',
    context: contextOf,
  });
}

/** Commands that travel together each pass `inbound` by themselves, so a fault on one order hits only its line. */
export function withCommandFaults(injector: InventoryInjector, decideOrder: DecideOrder): DecideOrder {
  return withFailpoints(injector, decideOrder, { before: 'inbound', context: contextOf });
}

/** The hook inside the transaction, while a fault is armed there. A fault that hits one order fails its whole batch. */
export function beforeCommitFaults(injector: InventoryInjector) {
  const point = injector?.point('ledger.before-commit');
  const hook = withFailpoints(injector, async (_commands: StockCommand[]) => {}, {
    before: 'ledger.before-commit',
    context: (commands) => commands.map(contextOf),
  });
  return () => (point?.armed ? hook : undefined);
}
