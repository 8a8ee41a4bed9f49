import type { LocalConfig } from '../config.ts';
import { addressesOf } from './operator.ts';

/** Prints a new one-time link that signs an operator in. @returns 0, or 1 if the dashboard gave none */
export async function signIn(config: LocalConfig): Promise<number> {
  const { DASHBOARD_URL, OPERATOR_TOKEN } = addressesOf(config.home);
  if (!DASHBOARD_URL) throw new Error('This stack has no dashboard.');
  const answer = await fetch(`${DASHBOARD_URL}/api/session/link`, {
    method: 'POST',
    headers: { authorization: `Bearer ${OPERATOR_TOKEN}` },
  }).catch(() => null);
  if (answer?.status !== 201) {
    const why = answer === null ? 'does not answer' : `answered ${answer.status}`;
    console.error(`${DASHBOARD_URL} ${why}. The operator token in .valerix/env also signs in.`);
    return 1;
  }
  console.log(((await answer.json()) as { link: string }).link);
  return 0;
}
