import { BlockList, isIP } from 'node:net';
import { z } from 'zod';

/** Networks by name, so that settings need no numbers. */
const NAMED: Record<string, string[]> = {
  none: [],
  loopback: ['127.0.0.0/8', '::1/128'],
  private: ['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', '169.254.0.0/16', 'fc00::/7', 'fe80::/10'],
};

const MAX_KNOWN = 1_000;

/** Tells whether an address is in the list. */
export type Addresses = (address: string) => boolean;

/** Addresses, networks (`10.0.0.0/8`) and the names `loopback`, `private` and `none`, separated by commas. */
export const addresses = z.string().transform((text, ctx): Addresses => {
  const list = new BlockList();
  for (const entry of text.split(',').flatMap((one) => NAMED[one.trim()] ?? one.trim())) {
    const [network = '', prefix] = entry.split('/');
    const bits = isIP(network) === 6 ? 128 : 32;
    const length = prefix === undefined ? bits : /^\d+$/.test(prefix) ? Number(prefix) : Number.NaN;
    if (!isIP(network) || !(length <= bits)) {
      ctx.addIssue({ code: 'custom', message: `must list addresses and networks; "${entry}" is neither` });
      return z.NEVER;
    }
    list.addSubnet(network, length, bits === 128 ? 'ipv6' : 'ipv4');
  }
  // Asked for every request, mostly for the same few.
  const known = new Map<string, boolean>();
  return (address) => {
    const before = known.get(address);
    if (before !== undefined) return before;
    const plain = withoutMapping(address);
    const family = isIP(plain);
    const found = family !== 0 && list.check(plain, family === 6 ? 'ipv6' : 'ipv4');
    if (known.size >= MAX_KNOWN) known.clear();
    known.set(address, found);
    return found;
  };
});

/** Whether an address is one of the machine that says so. */
export const isLoopback: Addresses = addresses.parse('loopback');

/**
 * What one caller is likely to hold: an IPv4 address, or the /64 network of an IPv6 address, in which each home and server has 2^64.
 * @returns undefined for text that is no address
 */
export function callerNetwork(address: string): string | undefined {
  const plain = withoutMapping(address);
  if (isIP(plain) === 4) return plain;
  if (isIP(plain) !== 6) return undefined;
  const [front = [], back = []] = (plain.split('%')[0] as string).split('::').map((side) => side.split(':'));
  // Behind "::", at most the last groups of the address.
  const groups = [...front, ...Array(Math.max(0, 8 - front.length - back.length)).fill('0'), ...back];
  const first = groups.slice(0, 4).map((group) => Number.parseInt(group || '0', 16).toString(16));
  return `${first.join(':')}::/64`;
}

/** IPv4 clients of a socket for both families look like `::ffff:127.0.0.1`. */
const withoutMapping = (address: string) => address.replace(/^::ffff:(?=\d+\.)/i, '');
