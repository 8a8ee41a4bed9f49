import type { AlertCases } from './alert-case.ts';
import type { AlertName } from './alerts.ts';
import { orderAlertCases } from './order-alert-cases.ts';
import { serviceAlertCases } from './service-alert-cases.ts';

/** The cases of every alert. */
export const alertCases: Record<AlertName, AlertCases> = { ...serviceAlertCases, ...orderAlertCases };
