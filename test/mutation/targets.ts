export interface Target {
  /** The part of the system, as in the table of docs/mutation.md. */
  part: 'rules' | 'checker' | 'order path';
  /** The file whose mutants are tried. */
  file: string;
  /** The unit tests that must kill them. */
  tests: string[];
}

/** The share of its mutants that a part must kill. 100 % of the rules: there, each survivor needs a reason. */
export const WANTED: Record<Target['part'], number> = { rules: 1, 'order path': 0.9, checker: 0.9 };

const CHECKER = 'gameday/src/checker';

/** The checker's files that ask a database are left out: their component tests need PostgreSQL. */
export const TARGETS: readonly Target[] = [
  {
    part: 'rules',
    file: 'inventory-service/src/decide.ts',
    tests: ['inventory-service/test/decide.unit.test.ts', 'inventory-service/test/decide-examples.unit.test.ts'],
  },
  {
    part: 'rules',
    file: 'payment-service/src/decide-payment.ts',
    tests: [
      'payment-service/test/decide-payment.unit.test.ts',
      'payment-service/test/decide-payment-examples.unit.test.ts',
    ],
  },
  { part: 'rules', file: 'order-service/src/order.ts', tests: ['order-service/test/order.unit.test.ts'] },
  { part: 'rules', file: 'order-service/src/saga.ts', tests: ['order-service/test/order.unit.test.ts'] },
  {
    part: 'order path',
    file: 'order-service/src/idempotency.ts',
    tests: ['order-service/test/idempotency.unit.test.ts', 'order-service/test/replay-cache.unit.test.ts'],
  },
  {
    part: 'order path',
    file: 'packages/service-kit/src/batcher.ts',
    tests: ['packages/service-kit/test/batcher.unit.test.ts'],
  },
  {
    part: 'order path',
    file: 'packages/service-kit/src/retry-budget.ts',
    tests: ['packages/service-kit/test/resilience.unit.test.ts'],
  },
  { part: 'checker', file: `${CHECKER}/judge-order.ts`, tests: ['gameday/test/judge-order.unit.test.ts'] },
  { part: 'checker', file: `${CHECKER}/judge-money.ts`, tests: ['gameday/test/judge-money.unit.test.ts'] },
  { part: 'checker', file: `${CHECKER}/history-index.ts`, tests: ['gameday/test/history-index.unit.test.ts'] },
  { part: 'checker', file: `${CHECKER}/beside.ts`, tests: ['gameday/test/checker-streams.unit.test.ts'] },
  { part: 'checker', file: `${CHECKER}/path.ts`, tests: ['gameday/test/checker-streams.unit.test.ts'] },
  { part: 'checker', file: `${CHECKER}/path-index.ts`, tests: ['gameday/test/checker-streams.unit.test.ts'] },
  { part: 'checker', file: `${CHECKER}/violation.ts`, tests: ['gameday/test/checker-streams.unit.test.ts'] },
];
