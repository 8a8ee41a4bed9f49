import { createCipheriv, createDecipheriv, createHmac, hkdfSync, randomBytes } from 'node:crypto';

export type Secret = ReturnType<typeof openSecret>;

/**
 * Derives all secrets of this service from a value outside its database, so a copy of the database can neither sign a token nor
 * continue a session. Another value ends all sessions and makes new signing keys.
 */
export function openSecret(value: string) {
  const derive = (purpose: string) => Buffer.from(hkdfSync('sha256', value, 'valerix identity', purpose, 32));
  const sealing = derive('signing keys');
  const rotation = derive('refresh tokens');
  const naming = derive('names in Redis');
  return {
    /** The key of the password sieve, and a name that tells it from that of another secret. */
    sieve: derive('password sieve'),
    sieveName: derive('name of the password sieve').toString('hex').slice(0, 16),

    /** The token that follows this one. */
    successor: (token: string): Buffer => createHmac('sha256', rotation).update(token).digest(),

    /** A name in Redis that stands for an email or an address without revealing it. */
    pseudonym: (text: string): string => createHmac('sha256', naming).update(text).digest('base64url'),

    seal(text: string): Buffer {
      const nonce = randomBytes(12);
      const cipher = createCipheriv('aes-256-gcm', sealing, nonce);
      return Buffer.concat([nonce, cipher.update(text, 'utf8'), cipher.final(), cipher.getAuthTag()]);
    },

    /** Undefined when it was sealed with another secret. */
    open(sealed: Buffer): string | undefined {
      const decipher = createDecipheriv('aes-256-gcm', sealing, sealed.subarray(0, 12));
      decipher.setAuthTag(sealed.subarray(-16));
      try {
        return Buffer.concat([decipher.update(sealed.subarray(12, -16)), decipher.final()]).toString('utf8');
      } catch {
        return undefined;
      }
    },
  };
}
