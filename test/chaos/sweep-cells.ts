import { FAILPOINTS, type FaultParams, type FaultType, type ServiceName } from '@valerix/contracts';

/** `cancellation`: an order of several items is placed and cancelled; the fault hits whichever of the two passes its point. */
export const SHAPES = ['single item', 'several items', 'cancellation'] as const;
/** The ways in which the provider treats a paid order of several items. */
export const TOKENS = ['tok_ok', 'tok_declined', 'tok_lost_reply', 'tok_webhook_only'] as const;
type Token = (typeof TOKENS)[number];
export type Shape = (typeof SHAPES)[number] | Token;

/** The faults of the sweep, at every failpoint that can do them. Latency exceeds the deadline and the lease of the sweep's stacks. */
export const SWEPT = {
  // A process that has just been restarted dies too.
  crash: { min_interval_ms: 0 },
  error: {},
  latency: { latency_ms: 1_100 },
  'drop-response': {},
} as const satisfies Partial<Record<FaultType, FaultParams>>;
export type SweptType = keyof typeof SWEPT;

export interface Cell {
  service: ServiceName;
  point: string;
  type: SweptType;
  shape: Shape;
}

/** The tokens whose orders pass a point on the way of money; absent: all. */
const PASSING: Record<string, readonly Token[]> = {
  'order-service saga.after-commit': ['tok_ok', 'tok_lost_reply', 'tok_webhook_only'],
  'order-service saga.after-refund': ['tok_declined'],
  // Of other payments the order service asks before the worker does.
  'payment-service worker.after-claim': ['tok_webhook_only'],
  'provider-simulator webhook.before-send': ['tok_webhook_only'],
};

/** True for a point that only paid orders pass. */
export const isOfMoney = ({ service, point }: Pick<Cell, 'service' | 'point'>): boolean =>
  service === 'payment-service' || service === 'provider-simulator' || point.startsWith('saga.');

/**
 * Every crash point × every fault × every shape of an order. Dependencies are not crash points; other tests cover them. On the way of
 * money each fault takes the tokens in turn: every point meets every token that passes it, and every fault does.
 * @param everyToken on the way of money, each fault at each point takes every token instead
 */
export function allCells(everyToken = false): Cell[] {
  const types = Object.keys(SWEPT) as SweptType[];
  const points = FAILPOINTS.filter(
    ({ service, point }) =>
      !point.startsWith('dependency.') &&
      // On no order's way.
      service !== 'identity-service' &&
      // Nothing tells the provider's requests about an order from those of the reconciliation.
      !(service === 'provider-simulator' && point === 'inbound'),
  );
  return points.flatMap(({ service, point, types: possible }, row) => {
    const tokens = PASSING[`${service} ${point}`] ?? TOKENS;
    return types
      .filter((type) => possible.includes(type))
      .flatMap((type, column) => {
        const inTurn = everyToken ? tokens : [tokens[(row + column) % tokens.length] as Token];
        const shapes = isOfMoney({ service, point }) ? inTurn : SHAPES;
        return shapes.map((shape) => ({ service, point, type, shape }));
      });
  });
}

/** The token that pays for the order; undefined for one on account. */
export const tokenOf = ({ shape }: Cell): Token | undefined => TOKENS.find((token) => token === shape);

/** True when only a cancellation passes the point. */
export const isOfCancelling = ({ point }: Cell): boolean => point.startsWith('cancel.');
export const cancels = (cell: Cell): boolean => cell.shape === 'cancellation' || isOfCancelling(cell);

/** True when a release passes the point: the fault then hits the cancellation, not the order before it. */
export function isOnReleaseWay({ service, point }: Cell): boolean {
  return service === 'inventory-service' || /^(inbound|outbound|worker\.|cancel\.)/.test(point);
}

/** True when only a queued order passes the point. */
export const needsQueue = ({ service, point }: Cell): boolean =>
  service === 'order-service' && /^(queue|worker\.)/.test(point);

/** The matrix: a row per failpoint, a column per fault, one sign per shape. */
export function matrix(cells: readonly { cell: Cell; sign: string }[]): string {
  const types = Object.keys(SWEPT) as SweptType[];
  const rows = Map.groupBy(cells, ({ cell }) => `${cell.service.replace('-service', '')} ${cell.point}`);
  const width = Math.max(...[...rows.keys()].map((name) => name.length));
  const line = (name: string, columns: string[]) =>
    `${name.padEnd(width)}  ${columns.map((c) => c.padEnd(14)).join('')}`;
  const signs = (of: readonly { cell: Cell; sign: string }[], type: SweptType) =>
    of
      .filter(({ cell }) => cell.type === type)
      .map(({ cell, sign }) => (tokenOf(cell) ? `${cell.shape.replace('tok_', '').slice(0, 8)} ${sign}` : sign))
      .join(' ');
  return [
    line('', types),
    line(
      'failpoint',
      types.map(() => 'one many cancel'.slice(0, 13)),
    ),
    ...[...rows].map(([name, of]) =>
      line(
        name,
        types.map((type) => signs(of, type)),
      ),
    ),
  ].join('\n');
}
