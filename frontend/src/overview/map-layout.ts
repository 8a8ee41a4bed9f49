import { callersOf, declaration, SERVICE_KEYS, type ServiceKey } from '@valerix/system';

export interface Place {
  readonly x: number;
  readonly y: number;
  readonly width: number;
}

/** A line of the map with the position of its label. */
export interface Path {
  readonly d: string;
  readonly label: readonly [x: number, y: number];
}

export interface Layout {
  readonly viewBox: string;
  readonly clients: Place;
  readonly redis: Place;
  readonly services: Readonly<Record<ServiceKey, Place>>;
  readonly databases: Readonly<Record<ServiceKey, Place>>;
}

export const BOX_HEIGHT = 56;
const SERVICE_WIDTH = 164;
const STORE_WIDTH = 130;
/** About that of "breaker half-open", and some air. */
const LABEL_WIDTH = 104;

/** The services that clients call directly: no other service calls them. */
export const ENTRIES: readonly ServiceKey[] = SERVICE_KEYS.filter((key) => callersOf(key).length === 0);

/** Every call between services, from `calls` of the declaration. */
export const CALLS: ReadonlyArray<{ from: ServiceKey; to: ServiceKey }> = SERVICE_KEYS.flatMap((from) =>
  declaration(from).calls.map((to) => ({ from, to })),
);

/** The length of the longest chain of calls from the clients to a service. */
const depthOf = (key: ServiceKey): number => Math.max(-1, ...callersOf(key).map(depthOf)) + 1;

/** The services by that length; the order service comes first, because Redis with its queue is drawn beside it. */
const RANKS: readonly ServiceKey[][] = Array.from({ length: Math.max(...SERVICE_KEYS.map(depthOf)) + 1 }, (_, depth) =>
  SERVICE_KEYS.filter((key) => depthOf(key) === depth).sort((a, b) => Number(b === 'order') - Number(a === 'order')),
);

function placed(
  place: (rank: number, row: number, inRank: number, key: ServiceKey) => Place,
): Record<ServiceKey, Place> {
  const places = RANKS.flatMap((keys, rank) =>
    keys.map((key, row) => [key, place(rank, row, keys.length, key)] as const),
  );
  return Object.fromEntries(places) as Record<ServiceKey, Place>;
}

/** A service stands in the row of its caller, or below the service before it in its column. */
const ROWS: ReadonlyMap<ServiceKey, number> = RANKS.reduce((rows, keys) => {
  keys.reduce((last, key) => {
    const beside = Math.min(...callersOf(key).map((caller) => rows.get(caller) ?? 0));
    const row = Math.max(last + 1, Number.isFinite(beside) ? beside : 0);
    rows.set(key, row);
    return row;
  }, -1);
  return rows;
}, new Map<ServiceKey, number>());
const rowOf = (key: ServiceKey): number => ROWS.get(key) ?? 0;

const rowsOf = (inRank: number): number => Math.ceil(inRank / 2);
const rowsBefore = (rank: number): number => RANKS.slice(0, rank).reduce((sum, keys) => sum + rowsOf(keys.length), 0);

/** From left to right, with a column for each rank. Each service stands above its database. */
export const WIDE: Layout = {
  viewBox: `0 40 ${420 + 340 * (RANKS.length - 1)} ${52 + 210 * (Math.max(...ROWS.values()) + 1)}`,
  clients: { x: 12, y: 92, width: 92 },
  redis: { x: 390, y: 236, width: STORE_WIDTH },
  services: placed((rank, _, __, key) => ({ x: 218 + 340 * rank, y: 92 + 210 * rowOf(key), width: SERVICE_WIDTH })),
  databases: placed((rank, _, __, key) => ({ x: 235 + 340 * rank, y: 236 + 210 * rowOf(key), width: STORE_WIDTH })),
};

/** From top to bottom, with at most two services in a row. The stores leave the middle of the services free for the lines to the next row. */
export const NARROW: Layout = {
  viewBox: `0 0 360 ${130 + 170 * rowsBefore(RANKS.length)}`,
  clients: { x: 134, y: 6, width: 92 },
  redis: { x: 8, y: 6, width: 100 },
  services: placed((rank, row, inRank) => ({
    x: inRank === 1 ? 98 : 8 + 180 * (row % 2),
    y: 122 + 170 * (rowsBefore(rank) + Math.floor(row / 2)),
    width: SERVICE_WIDTH,
  })),
  databases: placed((rank, row) => ({
    x: 2 + 272 * (row % 2),
    y: 214 + 170 * (rowsBefore(rank) + Math.floor(row / 2)),
    width: 84,
  })),
};

const middle = ({ x, width }: Place): number => x + width / 2;

/** The line from one box to another: straight if they face each other, otherwise bent. */
export function pathBetween(from: Place, to: Place): Path {
  const [right, left] = [from.x + from.width, to.x];
  if (left - right > 100) {
    const [y, endY, bend] = [from.y + BOX_HEIGHT / 2, to.y + BOX_HEIGHT / 2, (right + left) / 2];
    return {
      d: `M${right} ${y} C${bend} ${y} ${bend} ${endY} ${left} ${endY}`,
      label: [y === endY ? bend : bend + LABEL_WIDTH / 2, (y + endY) / 2 - 10],
    };
  }
  const [upper, lower] = from.y < to.y ? [from, to] : [to, from];
  const [x, y, endX, endY] = [middle(upper), upper.y + BOX_HEIGHT, middle(lower), lower.y];
  const bend = (y + endY) / 2;
  // The middle of an upright line is close to other boxes, so its label goes near the end, beside the line.
  const label = x === endX ? ([x + LABEL_WIDTH / 2, endY - 12] as const) : ([(x + endX) / 2, bend] as const);
  return { d: `M${x} ${y} C${x} ${bend} ${endX} ${bend} ${endX} ${endY}`, label };
}
