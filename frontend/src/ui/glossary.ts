/** Terms of docs/glossary.md that pages explain; a test compares them. */
export const GLOSSARY = {
  breaker: 'The circuit breaker between the order service and a service it calls: closed, half-open or open.',
  bulkhead: 'The limit on orders that wait for one participant at the same time.',
  'dead letter': 'A queued order that the worker gave up on; an operator requeues it.',
  decision: 'What a participant said about an order, once: applied, refused or voided.',
  experiment: 'A file that says which load runs, which faults are injected, and what must hold.',
  failpoint: 'A named place in the code where a fault can be armed.',
  fault: 'Something broken on purpose, described as data, with an expiry.',
  'game day': "Running experiments on purpose, together: the laboratory's page and API.",
  'idempotency key': "The client's name for one order, the same for every retry.",
  ledger: 'The append-only list of every change of stock; the payment ledger is that of money.',
  queued: 'Accepted, and not settled yet; answered with 202.',
  replay: 'The stored answer, sent again to a repeated request.',
  replica: 'One of several processes of the same service.',
  requeue: 'To give a dead letter a new set of attempts; the button and the sentences say so.',
  'steady state': 'What must be true before, and again after, the faults.',
  verdict: 'The judgement of the auditor, of the checker, or of a run.',
} as const;
export type Word = keyof typeof GLOSSARY;
