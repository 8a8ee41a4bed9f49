import { formatTime, plural } from '../browser/format.ts';
import { useLiveOf } from '../browser/hooks.ts';
import type { Live } from '../browser/live-store.ts';
import { Note } from '../ui/parts.tsx';
import { alertTone, criticalFirst } from './critical-first.ts';

const SHOWN = 6;

const alertsOf = ({ state }: Live) => (state?.alerts ? { value: state.alerts.value, error: state.alerts.error } : null);

/** The firing alerts, critical ones first; hidden without a source of alerts. */
export function FiringAlerts() {
  const reading = useLiveOf(alertsOf);
  if (reading === null) return null;
  if (reading.value === null || reading.error !== null) {
    return <Note tone="unknown">Alerts cannot be read{reading.error ? `: ${reading.error}` : ''}.</Note>;
  }
  const alerts = criticalFirst(reading.value);
  const more = alerts.length - SHOWN;
  return (
    <>
      {alerts.slice(0, SHOWN).map((alert) => (
        <Note key={`${alert.name}${alert.summary}${alert.since}`} tone={alertTone(alert)}>
          <strong>{alert.name}</strong> {alert.summary}{' '}
          <span className="text-muted">since {formatTime(alert.since)}</span>
        </Note>
      ))}
      {more > 0 ? <p className="text-muted">and {plural(more, 'more alert')}</p> : null}
    </>
  );
}
