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
  {
    file: 'packages/service-kit/src/batcher.ts',
    line: 'giveUp(waiters.slice(n + 1), failure.cause);',
    mutant: 'waiters.slice(n + 1) → waiters',
    reason: 'Those before it have their answer: a promise that is settled ignores what comes later.',
  },
  {
    file: 'order-service/src/idempotency.ts',
    line: 'const values = await redis.mget(asking.map(({ name }) => name)).catch(() => []);',
    mutant: '[] → ["Stryker was here"]',
    reason: 'A value without a seal is a miss, as no value is.',
  },
  {
    file: 'order-service/src/idempotency.ts',
    // biome-ignore lint/suspicious/noTemplateCurlyInString: it is a line of code.
    line: "hash('sha256', `${secret}\\n${name}\\n${text}\\n${secret}`, 'base64url');",
    mutant: `'base64url' → ""`,
    reason: 'The seal is written and compared by the same function, in whichever alphabet.',
  },
  {
    file: 'order-service/src/idempotency.ts',
    line: "const [fingerprint = '', order_id = '', status] = text.slice(0, end).split(' ');",
    mutant: `'' → "Stryker was here!"`,
    reason: 'A text with a right seal has all three; only the types need a default.',
  },
  {
    file: 'gameday/src/checker/judge-order.ts',
    line: "if (paid && (reason === 'PAYMENT_TIMEOUT' || (DECLINES.has(reason ?? '') && decision.released))) return [];",
    mutant: `'' → "Stryker was here!"`,
    reason: 'No reason of a decline has either name; only the type needs one.',
  },
  {
    file: 'gameday/src/checker/judge-order.ts',
    line: "const name = event.replace(/^order\\./, '');",
    mutant: '/^order\\./ → /order\\./',
    reason: 'Every event with that in its name begins with it.',
  },
  {
    file: 'gameday/src/checker/beside.ts',
    line: 'if (next.done || (before !== undefined && next.value.orderId >= before)) return;',
    mutant: 'before !== undefined → true',
    reason: 'No id is at or after `undefined`; only the type needs the check.',
  },
  ...[
    "pending: { next: ['confirmed', 'failed', 'queued', 'compensating'], holds: 'open', waits: false },",
    "queued: { next: ['confirmed', 'failed', 'compensating', 'cancelling'], holds: 'open', waits: true },",
    "cancelling: { next: ['cancelled'], holds: 'open', waits: true },",
    "compensating: { next: ['failed'], holds: 'open', waits: true },",
  ].map((line) => ({
    ...{ file: 'gameday/src/checker/judge-order.ts', line, mutant: `'open' → ""` },
    reason: 'Only `all` and `nothing` are ever compared.',
  })),
  ...['pending', 'queued', 'compensating', 'cancelling'].map((status) => ({
    ...{ file: 'gameday/src/checker/judge-money.ts', line: `${status}: 'open',`, mutant: `'open' → ""` },
    reason: 'Only `kept` and `none` are ever compared.',
  })),
  ...["!lines.includes(',') → false", `',' → ""`].map((mutant) => ({
    ...{ file: 'gameday/src/checker/judge-order.ts', line: "if (!lines.includes(',')) return [];", mutant },
    reason: 'It only saves time: a single line repeats nothing.',
  })),
  ...["status === 'failed' → true", `'' → "Stryker was here!"`].map((mutant) => ({
    file: 'gameday/src/checker/judge-money.ts',
    line: "if (status === 'failed' && DECLINES.has(order.reason ?? '') && payment?.outcome !== 'refused') {",
    mutant,
    reason: 'Only a failed order, and one that will fail, has a reason that is a decline.',
  })),
];
