import type { Metrics } from '../metrics.ts';
import type { PaymentProvider } from './payment-provider.ts';

/** Measures how long the provider takes to answer, and what it says. */
export function measuredProvider(
  provider: PaymentProvider,
  { providerSeconds }: Pick<Metrics, 'providerSeconds'>,
): PaymentProvider {
  function measured<A extends unknown[], R>(
    operation: string,
    ask: (...args: A) => Promise<R>,
    outcomeOf: (answer: R) => string,
  ) {
    return async (...args: A): Promise<R> => {
      const end = providerSeconds.startTimer({ operation });
      try {
        const answer = await ask(...args);
        end({ outcome: outcomeOf(answer) });
        return answer;
      } catch (error) {
        end({ outcome: 'no-answer' });
        throw error;
      }
    };
  }
  const status = (told: { status: string }) => told.status;
  return {
    ...provider,
    charge: measured('charge', provider.charge, status),
    refund: measured('refund', provider.refund, status),
    find: measured('find', provider.find, status),
    books: measured('books', provider.books, () => 'read'),
  };
}
