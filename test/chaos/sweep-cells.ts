import { FAILPOINTS, type FaultParams, type FaultType, type ServiceName } from '@valerix/contracts';

/** `cancellation`: an order of several items is placed and cancelled; the fault hits whichever of the two passes its point. */
export const SHAPES = ['single item', 'several items', 'cancellation'] as const;
export type Shape = (typeof SHAPES)[number];

/** The faults of the sweep, at every failpoint that can do them. Latency exceeds the deadline and the lease of the sweep's stacks. */
export const SWEPT = {
  // A process that has just been restarted dies too.
  crash: { min_interval_ms: 0 },
  error: {},
  latency: { latency_ms: 800 },
  'drop-response': {},
} as const satisfies Partial<Record<FaultType, FaultParams>>;
export type SweptType = keyof typeof SWEPT;

export interface Cell {
  service: ServiceName;
  point: string;
  type: SweptType;
  shape: Shape;
}

/** The services that an order on account passes. */
const PASSED: readonly ServiceName[] = ['order-service', 'inventory-service'];

/** Every crash point × every fault × every shape of an order on account. Dependencies are not crash points; other tests cover them. */
export function allCells(): Cell[] {
  const types = Object.keys(SWEPT) as SweptType[];
  return FAILPOINTS.filter(
    ({ service, point }) => PASSED.includes(service) && !/^(dependency|saga)\./.test(point),
  ).flatMap(({ service, point, types: possible }) =>
    types
      .filter((type) => possible.includes(type))
      .flatMap((type) => SHAPES.map((shape) => ({ service, point, type, shape }))),
  );
}

/** True when only a cancellation passes the point. */
export const isOfCancelling = ({ point }: Cell): boolean => point.startsWith('cancel.');
export const cancels = (cell: Cell): boolean => cell.shape === 'cancellation' || isOfCancelling(cell);

/** True when a release passes the point: the fault then hits the cancellation, not the order before it. */
export function isOnReleaseWay({ service, point }: Cell): boolean {
  return service === 'inventory-service' || /^(inbound|outbound|worker\.|cancel\.)/.test(point);
}

/** True when only a queued order passes the point. */
export const needsQueue = ({ point }: Cell): boolean => /^(queue|worker\.)/.test(point);

/** The matrix: a row per failpoint, a column per fault, one sign per shape. */
export function matrix(cells: readonly { cell: Cell; sign: string }[]): string {
  const types = Object.keys(SWEPT) as SweptType[];
  const rows = Map.groupBy(cells, ({ cell }) => `${cell.service.replace('-service', '')} ${cell.point}`);
  const width = Math.max(...[...rows.keys()].map((name) => name.length));
  const line = (name: string, columns: string[]) =>
    `${name.padEnd(width)}  ${columns.map((c) => c.padEnd(14)).join('')}`;
  const signs = (of: readonly { cell: Cell; sign: string }[], type: SweptType) =>
    SHAPES.map((shape) => of.find(({ cell }) => cell.type === type && cell.shape === shape)?.sign ?? '-').join(' ');
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
