import { afterAll, beforeAll, expect, inject, it } from 'vitest';
import { checkDatabases } from '../src/checker/check-databases.ts';
import { uuid, World } from './world.ts';

let world: World;
beforeAll(async () => {
  world = await World.create(inject('postgresUrl'));
  await paid(1, 'confirmed');
  await paid(2, 'cancelled', { released: true });
  await world.pay(uuid(1), 1299);
  await world.pay(uuid(2), 1299, { refunded: true });
});
afterAll(() => world.drop());

async function paid(number: number, status: string, decided: { released?: boolean } = {}): Promise<void> {
  await world.order({ id: uuid(number), status });
  await world.decide(uuid(number), 'applied', decided);
  await world.price(uuid(number), 1299);
}

it('finds nothing wrong with orders that were paid once, and refunded once', async () => {
  expect(await checkDatabases(world)).toEqual([]);
});

it('finds each difference between the order, its payment and the books of the provider', async () => {
  await paid(3, 'confirmed');
  await world.pay(uuid(3), 1300);
  await paid(4, 'confirmed');
  await world.pay(uuid(4), 1299, { theirs: 1298 });
  await paid(5, 'confirmed');
  await paid(6, 'cancelled', { released: true });
  await world.pay(uuid(6), 1299);
  await world.pay(uuid(7), 1299);
  const found = await checkDatabases(world);
  expect(found.map(({ invariant, subject }) => `${invariant} ${subject}`).sort()).toEqual([
    `I14 ${uuid(3)}`,
    `I14 ${uuid(4)}`,
    `I15 ${uuid(5)}`,
    `I15 ${uuid(7)}`,
    `I16 ${uuid(6)}`,
  ]);
});

it('judges no money where the payment service has no database', async () => {
  const { order, inventory } = world.services;
  expect(await checkDatabases({ services: { order, inventory } })).toEqual([]);
});
