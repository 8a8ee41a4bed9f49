import { expect, it } from 'vitest';
import { addresses, callerNetwork } from '../src/addresses.ts';

it.each([
  ['loopback', '127.0.0.1', true],
  ['loopback', '::ffff:127.8.0.1', true],
  ['loopback', '::1', true],
  ['loopback', '10.0.0.1', false],
  ['none', '127.0.0.1', false],
  ['10.0.0.0/8, 2001:db8::/32', '10.9.9.9', true],
  ['10.0.0.0/8, 2001:db8::/32', '2001:db8:1::5', true],
  ['10.0.0.0/8, 2001:db8::/32', '11.0.0.1', false],
  ['private', 'fd00::1', true],
  ['192.0.2.7', '192.0.2.7', true],
  ['192.0.2.7', '192.0.2.8', false],
  ['loopback', 'unknown', false],
])('%s, asked for %s: %s', (text, address, expected) => {
  expect(addresses.parse(text)(address)).toBe(expected);
});

it.each(['', 'localhost', '10.0.0.0/33', '10.0.0.0/', '10.0.0', '::1/129', 'loopback,,none'])(
  'a list that holds something else is refused: "%s"',
  (text) => expect(() => addresses.parse(text)).toThrow('must list addresses and networks'),
);

it.each([
  ['192.0.2.7', '192.0.2.7'],
  ['::ffff:192.0.2.7', '192.0.2.7'],
  ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
  ['2001:DB8:0001:2::9', '2001:db8:1:2::/64'],
  ['2001:db8::1', '2001:db8:0:0::/64'],
  ['::1', '0:0:0:0::/64'],
  ['fe80::1%eth0', 'fe80:0:0:0::/64'],
  ['192.0.2.7:5000', undefined],
  ['unknown', undefined],
])('one caller is what one home or server holds: %s is %s', (address, network) => {
  expect(callerNetwork(address)).toBe(network);
});
