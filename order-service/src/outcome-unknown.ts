import { isDatabaseUnavailable, wasRolledBack } from '@valerix/service-kit/postgres';

/** The database may have committed a write, and its reply is lost. */
export class OutcomeUnknown extends Error {
  override name = 'OutcomeUnknown';
}

/**
 * Runs one statement that writes orders.
 * @param orderExists true for an order that T0 has committed: a write that was rolled back does not undo it
 * @throws {OutcomeUnknown} when the order may exist afterwards, although the database could not confirm the write
 */
export async function writing<T>(orderExists: boolean, statement: () => Promise<T>): Promise<T> {
  try {
    return await statement();
  } catch (error) {
    if (!isDatabaseUnavailable(error) || (!orderExists && wasRolledBack(error))) throw error;
    throw new OutcomeUnknown('the database did not confirm the write', { cause: error });
  }
}
