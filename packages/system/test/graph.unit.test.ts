import {
  COMPANIONS,
  callersOf,
  databaseUrlVariable,
  declaration,
  portVariable,
  SERVICE_KEYS,
  SERVICES,
  serviceKey,
  startWaves,
  urlVariable,
} from '@valerix/system';
import { describe, expect, it } from 'vitest';

describe('the declaration of the system', () => {
  it('starts every service once, after all it calls', () => {
    const started: string[] = [];
    for (const wave of startWaves()) {
      for (const key of wave) expect(started).toEqual(expect.arrayContaining([...declaration(key).calls]));
      started.push(...wave);
    }
    expect(started.toSorted()).toEqual(Object.keys(SERVICES).toSorted());
  });

  it('calls only services that are declared, and knows their callers', () => {
    for (const key of SERVICE_KEYS) {
      for (const called of declaration(key).calls) expect(callersOf(called)).toContain(key);
    }
  });

  it('gives each process its own name and port, and each service its own database', () => {
    const all = [...Object.values(SERVICES), ...Object.values(COMPANIONS)];
    expect(new Set(all.map(({ port }) => port)).size).toBe(all.length);
    expect(new Set(all.map(({ name }) => name)).size).toBe(all.length);
    const databases = Object.values(SERVICES).map(({ database }) => database);
    expect(new Set(databases).size).toBe(databases.length);
  });

  it('derives the names of variables from the key', () => {
    expect(urlVariable('order')).toBe('ORDER_URL');
    expect(databaseUrlVariable('order')).toBe('ORDER_DATABASE_URL');
    expect(portVariable('dashboard')).toBe('DASHBOARD_PORT');
  });

  it('finds a service by its name', () => {
    for (const key of SERVICE_KEYS) expect(serviceKey(declaration(key).name)).toBe(key);
  });
});
