import { serviceEnv } from '@valerix/service-kit/env';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { ConfigError, readConfig } from '../src/config.ts';

describe('the settings of the local stack', () => {
  it('are the documented ones when the environment says nothing', () => {
    const config = readConfig({}, '/somewhere');
    expect(config.ports).toEqual({
      dashboard: 3000,
      order: 3001,
      inventory: 3002,
      payment: 3005,
      provider: 3006,
      laboratory: 3003,
      identity: 3004,
      postgres: 5433,
      redis: 6380,
    });
    expect(config.home).toMatch(/\/\.valerix$/);
    expect(config.given).toEqual({});
    expect(config).toMatchObject({ verbose: false, yes: false, color: true });
  });

  it('PORT_OFFSET shifts every port, also one that was set', () => {
    const { ports } = readConfig({ PORT_OFFSET: '2000', ORDER_PORT: '4000' });
    expect(ports).toEqual({
      dashboard: 5000,
      order: 6000,
      inventory: 5002,
      payment: 5005,
      provider: 5006,
      laboratory: 5003,
      identity: 5004,
      postgres: 7433,
      redis: 8380,
    });
  });

  it('a relative VALERIX_HOME is meant from where one stands', () => {
    expect(readConfig({ VALERIX_HOME: 'here' }, '/tmp/a').home).toBe('/tmp/a/here');
    expect(readConfig({ VALERIX_HOME: '/there' }, '/tmp/a').home).toBe('/there');
  });

  it('every bad variable is named at once', () => {
    const read = () => readConfig({ PORT_OFFSET: '1.5', REDIS_PORT: '70000', REDIS_URL: 'localhost' });
    expect(read).toThrow(ConfigError);
    expect(read).toThrow(/PORT_OFFSET: must be a whole number.*\n.*REDIS_PORT: must be.*\n.*REDIS_URL: must be a URL/);
  });

  it.each(['REDIS_URL', 'ORDER_DATABASE_URL', 'INVENTORY_URL'])('%s without a scheme is no URL', (name) => {
    expect(() => readConfig({ [name]: 'localhost:6379' })).toThrow(`${name}: must be a URL, scheme and "://" included`);
  });

  it('a port beyond 65535 and a port used twice are refused', () => {
    expect(() => readConfig({ PORT_OFFSET: '60000' })).toThrow('the highest port is 65535');
    expect(() => readConfig({ ORDER_PORT: '3002' })).toThrow('would share a port');
  });

  it('a token that the services would refuse is refused at once', () => {
    const schema = z.object({ OPERATOR_TOKEN: serviceEnv.OPERATOR_TOKEN });
    for (const length of [1, 15, 16, 17]) {
      const env = { OPERATOR_TOKEN: 'x'.repeat(length) };
      const accepted = schema.safeParse(env).success;
      if (accepted) expect(readConfig(env).secrets.OPERATOR_TOKEN).toBe(env.OPERATOR_TOKEN);
      else expect(() => readConfig(env)).toThrow('OPERATOR_TOKEN: must be at least 16 characters');
    }
  });

  it('an empty variable counts as not set', () => {
    expect(readConfig({ REDIS_URL: '', OPERATOR_TOKEN: '', NO_COLOR: '' })).toMatchObject({ given: {}, color: true });
    expect(readConfig({ NO_COLOR: '0' }).color).toBe(false);
  });

  it.each([
    ['1', true],
    ['yes', true],
    ['0', false],
    ['false', false],
  ])('VALERIX_VERBOSE=%s means %s', (value, expected) => {
    expect(readConfig({ VALERIX_VERBOSE: value }).verbose).toBe(expected);
  });
});
