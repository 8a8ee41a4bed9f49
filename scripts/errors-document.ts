import { ERRORS as LABORATORY_ERRORS } from '../gameday/src/lab/errors.ts';
import { ERRORS as IDENTITY_ERRORS } from '../identity-service/src/errors.ts';
import { ERRORS as INVENTORY_ERRORS } from '../inventory-service/src/errors.ts';
import { ERRORS as ORDER_ERRORS } from '../order-service/src/errors.ts';
import { ERRORS as PAYMENT_ERRORS } from '../payment-service/src/errors.ts';

const CATALOGUES = {
  'order-service': ORDER_ERRORS,
  'inventory-service': INVENTORY_ERRORS,
  'payment-service': PAYMENT_ERRORS,
  'identity-service': IDENTITY_ERRORS,
  laboratory: LABORATORY_ERRORS,
};

/** docs/errors.md with its tables generated from the catalogues; the text before the first table is kept. */
export function errorsDocument(current: string): string {
  const introduction = current.split(/^## /m)[0] ?? '';
  const sections = Object.entries(CATALOGUES).map(([service, catalogue]) => {
    const rows = Object.entries(catalogue).map(
      ([code, { status, title, meaning }]) => `| \`${code}\` | ${status} | ${title} | ${meaning} |`,
    );
    return `## ${service}\n\n| code | status | title | what it means, what to do |\n|---|---|---|---|\n${rows.join('\n')}\n`;
  });
  return introduction + sections.join('\n');
}
