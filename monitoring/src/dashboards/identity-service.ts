import { jobIs } from '../promql.ts';
import { chart } from './panels.ts';
import type { Rows } from './service-dashboard.ts';

const labels = `{${jobIs('identity')}}`;

/** The rows that only the identity service has: who gets in. */
export const identityRows: Rows = {
  'Signing in': [
    chart(
      'Sign-ins by outcome',
      { '{{outcome}}': `sum by (outcome) (rate(identity_sign_ins_total${labels}[$__rate_interval]))` },
      { help: 'Many failures are guesses; the right password gets in beside them.', unit: 'ops', stacked: true },
    ),
    chart(
      'Sign-ups',
      { 'sign-ups': `sum(rate(identity_sign_ups_total${labels}[$__rate_interval]))` },
      { help: 'With an email that has an account already, too.', unit: 'ops' },
    ),
    chart(
      'Sessions ended for a reused token',
      { sessions: `sum(increase(identity_refresh_tokens_reused_total${labels}[5m]))` },
      { help: 'A refresh token was used twice: it may have been stolen.' },
    ),
  ],
};
