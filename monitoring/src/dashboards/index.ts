import type { Dashboard } from '@grafana/grafana-foundation-sdk/dashboard';
import { declaration, SERVICE_KEYS, type ServiceKey } from '@valerix/system';
import { chaosAndRecovery } from './chaos-and-recovery.ts';
import { identityRows } from './identity-service.ts';
import { inventoryRows } from './inventory-service.ts';
import { orderRows } from './order-service.ts';
import { overview } from './overview.ts';
import { paymentRows } from './payment-service.ts';
import { type Rows, serviceDashboard } from './service-dashboard.ts';

/** A service without rows of its own has only the panels that all services share. */
const ownRows: Partial<Record<ServiceKey, Rows>> = {
  order: orderRows,
  inventory: inventoryRows,
  identity: identityRows,
  payment: paymentRows,
};

/** Every dashboard by the name of its file. */
export const dashboards: Readonly<Record<string, Dashboard>> = {
  overview,
  ...Object.fromEntries(SERVICE_KEYS.map((key) => [declaration(key).name, serviceDashboard(key, ownRows[key])])),
  'chaos-and-recovery': chaosAndRecovery,
};

/** The classic JSON that Grafana's provisioning reads. */
export function dashboardFiles(): Record<string, string> {
  return Object.fromEntries(
    Object.entries(dashboards).map(([name, built]) => [`${name}.json`, `${JSON.stringify(built, null, 2)}\n`]),
  );
}
