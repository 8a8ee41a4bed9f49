import { argon2, createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import { promisify } from 'node:util';
import { FairLine } from './fair-line.ts';
import type { Secret } from './secret.ts';

const argon2id = promisify(argon2).bind(undefined, 'argon2id');

/** OWASP's first choice for argon2id: 19 MiB and two passes, about 26 ms of one core here. */
const COST = { memory: 19_456, passes: 2, parallelism: 1 };
const TAG_BYTES = 32;
/** About 1.3 ms: what a wrong guess costs. */
const SIEVE_COST = { memory: 1_024, passes: 1, parallelism: 1 };
/** One wrong guess in 64 passes the sieve. */
const SIEVE_MASK = 63;
const PHC = /^\$argon2id\$v=19\$m=(\d+),t=(\d+),p=(\d+)\$([A-Za-z0-9+/]+)\$([A-Za-z0-9+/]+)$/;

/** The columns of a user that stand for the password. */
export interface KeptPassword {
  password_hash: string;
  password_sieve: number | null;
  sieve_key: string | null;
}

/** The account and address that a password is hashed for; they take turns in the line. */
export interface Asker {
  account: string;
  address: string;
}

export type Passwords = ReturnType<typeof createPasswords>;

/**
 * Hashes passwords, and checks them in two steps (ADR 29). The sieve rejects 63 of 64 wrong guesses for a twentieth of the price, from
 * any account or address; the right password always passes it. So a crowd of guesses takes a small share of the machine, and the owner
 * does not wait behind it.
 */
export function createPasswords({ secret, hashesAtOnce }: { secret: Secret; hashesAtOnce: number }) {
  const hashes = new FairLine({ atOnce: hashesAtOnce, maxWaiting: 64, maxWaitingPerKey: 8 });
  /** One sign-up at a time goes on from here into the line of those who sign in: a crowd of new accounts must not fill that. */
  const signUps = new FairLine({ atOnce: 1, maxWaiting: 64, maxWaitingPerKey: 8 });
  const sieves = new FairLine({ atOnce: 2, maxWaiting: 1_000, maxWaitingPerKey: 500 });

  async function sieveOf(message: Buffer, nonce: Buffer): Promise<number> {
    const tag = await argon2id({ message, nonce, secret: secret.sieve, tagLength: 4, ...SIEVE_COST });
    return (tag[0] as number) & SIEVE_MASK;
  }

  /** Stands for an account that does not exist: it always gives the same answer, and takes as long as a real one. */
  function nobody(account: string): KeptPassword {
    const bytes = createHmac('sha512', secret.sieve).update(account).digest();
    return {
      password_hash: toPhc(bytes.subarray(0, 16), bytes.subarray(16, 16 + TAG_BYTES)),
      password_sieve: (bytes[63] as number) & SIEVE_MASK,
      sieve_key: secret.sieveName,
    };
  }

  return {
    /** @param asker without an account for a sign-up @throws {LineFull} */
    async hash(password: string, { account, address }: Pick<Asker, 'address'> & Partial<Asker>): Promise<KeptPassword> {
      const message = normal(password);
      const nonce = randomBytes(16);
      const work = async () => ({
        password_hash: toPhc(nonce, await argon2id({ message, nonce, tagLength: TAG_BYTES, ...COST })),
        password_sieve: await sieveOf(message, nonce),
        sieve_key: secret.sieveName,
      });
      if (account === undefined) return signUps.run(address, () => hashes.run('sign-ups', work));
      return hashes.run(`${account} ${address}`, work);
    },

    /**
     * Tells whether the password is right. Without an account it is wrong, after the same time. `renew`: it is right, but hashed
     * with an older cost or key, and should be hashed again.
     * @throws {LineFull}
     */
    async check(
      password: string,
      kept: KeptPassword | undefined,
      { account, address }: Asker,
    ): Promise<{ right: boolean; renew: boolean }> {
      const expected = kept ?? nobody(account);
      const message = normal(password);
      const { nonce, tag, ...cost } = fromPhc(expected.password_hash);
      const sieved = expected.sieve_key === secret.sieveName;
      if (sieved && (await sieves.run(address, () => sieveOf(message, nonce))) !== expected.password_sieve) {
        return { right: false, renew: false };
      }
      const given = await hashes.run(account, () => argon2id({ message, nonce, tagLength: tag.length, ...cost }));
      const right = timingSafeEqual(given, tag) && kept !== undefined;
      const isOld = cost.memory !== COST.memory || cost.passes !== COST.passes || !sieved;
      return { right, renew: right && isOld };
    },
  };
}

/** The same characters, however the keyboard composes them (NIST SP 800-63B-4, 3.1.1.2). */
const normal = (password: string): Buffer => Buffer.from(password.normalize('NFKC'), 'utf8');

const base64 = (bytes: Buffer): string => bytes.toString('base64').replace(/=+$/, '');

/** https://github.com/P-H-C/phc-string-format */
const toPhc = (nonce: Buffer, tag: Buffer): string =>
  `$argon2id$v=19$m=${COST.memory},t=${COST.passes},p=${COST.parallelism}$${base64(nonce)}$${base64(tag)}`;

function fromPhc(text: string) {
  const [, memory, passes, parallelism, nonce, tag] = PHC.exec(text) ?? [];
  if (!nonce || !tag) throw new Error('a password hash in the database is not argon2id in PHC format');
  return {
    memory: Number(memory),
    passes: Number(passes),
    parallelism: Number(parallelism),
    nonce: Buffer.from(nonce, 'base64'),
    tag: Buffer.from(tag, 'base64'),
  };
}
