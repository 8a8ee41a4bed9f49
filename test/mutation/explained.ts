import type { Explained } from './judge.ts';

/** Survivors that no test can or should kill. `make mutation` fails when one of them is killed, so the list stays true. */
export const EXPLAINED: readonly Explained[] = [
  {
    file: 'inventory-service/src/decide.ts',
    line: 'const verdict: Verdict = { answers: [], made: [], released: [], committed: [], movements: [], deltas: new Map() };',
    mutant: '[] → ["Stryker was here"]',
    reason: '`made` and `committed` are set anew before the verdict is returned.',
  },
  {
    file: 'inventory-service/src/decide.ts',
    line: '(stock.get(item_id)?.quantity ?? 0) + (verdict.deltas.get(item_id)?.quantity ?? 0);',
    mutant: 'stock.get(item_id)?.quantity → stock.get(item_id).quantity',
    reason: 'An item that does not exist is refused before its units are counted; only the type needs the `?`.',
  },
  {
    file: 'inventory-service/src/decide.ts',
    line: "const currency = stock.get(items[0]?.item_id ?? '')?.currency;",
    mutant: `'' → "Stryker was here!"`,
    reason: 'Reached by an order without lines only; no item has either name.',
  },
  {
    file: 'payment-service/src/decide-payment.ts',
    line: 'if (payment.waits_for === op || outcome === null || decided_at === null) return undefined;',
    mutant: 'outcome === null → false',
    reason:
      'A decision sets `outcome` and `decided_at` together: the other check is true as well. The types need both.',
  },
  {
    file: 'payment-service/src/decide-payment.ts',
    line: 'if (payment.waits_for === op || outcome === null || decided_at === null) return undefined;',
    mutant: 'decided_at === null → false',
    reason:
      'A decision sets `outcome` and `decided_at` together: the other check is true as well. The types need both.',
  },
];
