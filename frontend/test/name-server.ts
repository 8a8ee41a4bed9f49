import dns from 'node:dns';
import { syncBuiltinESMExports } from 'node:module';

/**
 * Loaded into a dashboard with `--import`: the name in NAME has the addresses in ADDRESSES there. It stands in for the name server
 * of compose or Kubernetes, which a test cannot change.
 */
const { NAME, ADDRESSES = '' } = process.env;
const { lookup } = dns.promises;
const ours = ADDRESSES.split(',').map((address) => ({ address, family: 4 }));
dns.promises.lookup = ((host: string, options: object) =>
  host === NAME ? Promise.resolve(ours) : lookup(host, options)) as typeof lookup;
syncBuiltinESMExports();
