import { randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { eventually } from '../../test/support/eventually.ts';
import { type PaymentProvider, ProviderUnavailable, type WebhookHeaders } from '../src/provider/payment-provider.ts';

/** A provider to be tested, and the ways to make it do what the contract is about. */
export interface ProviderUnderTest {
  provider(): PaymentProvider;
  /** The same provider where nobody answers. */
  unreachable(): PaymentProvider;
  tokens: {
    accepted: string;
    declined: string;
    /** Charges, and loses the reply. */
    lost: string;
    /** Decides nothing for as long as the test lasts. */
    undecided: string;
  };
  /** A webhook about a charge of `MONEY` that succeeded, as the provider would send it now. */
  webhook(reference: string): { headers: WebhookHeaders; body: string };
}

export const MONEY = { amount_cents: 1_250, currency: 'EUR' };
const CHARGED = { status: 'charged', ...MONEY };

/** What every adapter of `PaymentProvider` promises. An adapter's test calls this, and adds what only its provider does. */
export function providerContract(name: string, { provider, unreachable, tokens, webhook }: ProviderUnderTest): void {
  const bookedFor = async (reference: string) =>
    (await provider().books({ reference })).map(({ transaction_type, amount_cents, currency }) => ({
      transaction_type,
      amount_cents,
      currency,
    }));

  describe(`${name} keeps the contract of a provider`, () => {
    it('a reference is charged once, however often and whenever it is asked for', async () => {
      const reference = randomUUID();
      const asked = Array.from({ length: 5 }, () => provider().charge(reference, MONEY, tokens.accepted));
      for (const told of await Promise.all(asked)) expect(told).toEqual(CHARGED);
      expect(await provider().find(reference)).toEqual(CHARGED);
      expect(await bookedFor(reference)).toEqual([{ transaction_type: 'charge', ...MONEY }]);
    });

    it('a refund gives the whole charge back, once', async () => {
      const reference = randomUUID();
      await provider().charge(reference, MONEY, tokens.accepted);
      for (let n = 0; n < 2; n++) expect(await provider().refund(reference)).toEqual({ status: 'refunded', ...MONEY });
      expect(await bookedFor(reference)).toEqual([
        { transaction_type: 'charge', ...MONEY },
        { transaction_type: 'refund', ...MONEY },
      ]);
    });

    it('after a refund, no money is taken under the reference any more', async () => {
      const [before, after] = [randomUUID(), randomUUID()];
      await provider().charge(before, MONEY, tokens.accepted);
      await provider().refund(before);
      expect(await provider().charge(before, MONEY, tokens.accepted)).toEqual({ status: 'refunded', ...MONEY });
      // Of a reference that the provider had never heard of.
      expect(await provider().refund(after)).toEqual({ status: 'voided' });
      expect(await provider().charge(after, MONEY, tokens.accepted)).toEqual({ status: 'voided' });
      expect(await bookedFor(after)).toEqual([]);
    });

    it('a charge without a decision is pending, and a refund ends it', async () => {
      const reference = randomUUID();
      expect(await provider().charge(reference, MONEY, tokens.undecided)).toEqual({ status: 'pending' });
      expect(await provider().find(reference)).toEqual({ status: 'pending' });
      expect(await provider().refund(reference)).toEqual({ status: 'voided' });
    });

    it('a declined charge takes nothing, and has nothing to give back', async () => {
      const reference = randomUUID();
      const declined = { status: 'declined', reason: 'CARD_DECLINED' };
      expect(await provider().charge(reference, MONEY, tokens.declined)).toEqual(declined);
      expect(await provider().find(reference)).toEqual(declined);
      expect(await provider().refund(reference)).toEqual(declined);
      expect(await bookedFor(reference)).toEqual([]);
    });

    it('a charge whose reply is lost is unknown to its caller, and found by its reference', async () => {
      const reference = randomUUID();
      await expect(provider().charge(reference, MONEY, tokens.lost)).rejects.toThrow(ProviderUnavailable);
      expect(await provider().find(reference)).toEqual(CHARGED);
    });

    it('a reference that was never used is unknown', async () => {
      expect(await provider().find(randomUUID())).toEqual({ status: 'unknown' });
    });

    it('a provider that does not answer is unavailable, whatever it is asked', async () => {
      const nobody = unreachable();
      for (const asked of [
        nobody.charge(randomUUID(), MONEY, tokens.accepted),
        nobody.refund(randomUUID()),
        nobody.find(randomUUID()),
        nobody.books({ reference: 'any' }),
      ]) {
        await expect(asked).rejects.toThrow(ProviderUnavailable);
      }
    });

    it('the books list every entry once, in pages that go on from a position', async () => {
      const references: string[] = [randomUUID(), randomUUID(), randomUUID()];
      for (const reference of references) await provider().charge(reference, MONEY, tokens.accepted);
      await eventually(async () => {
        const seen: string[] = [];
        for (let after = '0.0'; ; ) {
          const items = await provider().books({ after, limit: 2 });
          seen.push(...items.map(({ reference }) => reference));
          if (items.length < 2) break;
          after = items.at(-1)?.position as string;
        }
        expect(seen.filter((reference) => references.includes(reference))).toEqual(references);
      });
    });

    it('a webhook is genuine as the provider signed it, and says what became of the charge', async () => {
      const reference = randomUUID();
      const { headers, body } = webhook(reference);
      expect(provider().isGenuine(headers, body)).toBe(true);
      expect(await provider().readWebhook(body)).toEqual({ reference, state: CHARGED });
      expect(provider().isGenuine(headers, body.replace(reference, randomUUID()))).toBe(false);
      expect(provider().isGenuine(webhook(randomUUID()).headers, body)).toBe(false);
      expect(provider().isGenuine({}, body)).toBe(false);
    });
  });
}
