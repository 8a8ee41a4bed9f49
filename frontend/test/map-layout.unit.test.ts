import { describe, expect, it } from 'vitest';
import { BOX_HEIGHT, CALLS, type Layout, NARROW, type Place, pathBetween, WIDE } from '../src/overview/map-layout.ts';

const boxesOf = ({ clients, redis, services, databases }: Layout): Array<[name: string, place: Place]> => [
  ['clients', clients],
  ['redis', redis],
  ...Object.entries(services),
  ...Object.entries(databases).map(([key, place]): [string, Place] => [`database of ${key}`, place]),
];

const overlap = (a: Place, b: Place): boolean =>
  a.x < b.x + b.width && b.x < a.x + a.width && Math.abs(a.y - b.y) < BOX_HEIGHT;

/** Of "breaker half-open", at the map's scale. */
const [LABEL_WIDTH, LABEL_HEIGHT] = [98, 12];

describe.each([
  ['wide', WIDE],
  ['narrow', NARROW],
])('the %s map', (_, layout) => {
  const boxes = boxesOf(layout);

  it('draws no box over another', () => {
    const pairs = boxes.flatMap(([name, place], at) =>
      boxes
        .slice(at + 1)
        .filter(([, other]) => overlap(place, other))
        .map(([other]) => `${name} and ${other}`),
    );
    expect(pairs).toEqual([]);
  });

  it('writes no label of a call over a box', () => {
    const written = CALLS.flatMap(({ from, to }) => {
      const [x, y] = pathBetween(layout.services[from], layout.services[to]).label;
      return boxes
        .filter(([, box]) => Math.abs(box.x + box.width / 2 - x) < (box.width + LABEL_WIDTH) / 2)
        .filter(([, box]) => y > box.y && y - LABEL_HEIGHT < box.y + BOX_HEIGHT)
        .map(([name]) => `${from} to ${to} over ${name}`);
    });
    expect(written).toEqual([]);
  });

  it('cuts off no box', () => {
    const [left = 0, top = 0, width = 0, height = 0] = layout.viewBox.split(' ').map(Number);
    const cut = boxes.filter(
      ([, { x, y, width: wide }]) => x < left || y < top || x + wide > left + width || y + BOX_HEIGHT > top + height,
    );
    expect(cut).toEqual([]);
  });
});
