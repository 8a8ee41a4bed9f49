import { QUEUE_COUNT_LIMIT } from '@valerix/contracts/plain';

/** Shown for an unknown number, which must not look like a zero. */
const DASH = '–';
const whole = new Intl.NumberFormat('en', { maximumFractionDigits: 0 });

/** A small number must not look like zero. */
function oneDigit(value: number): string {
  return value > 0 && value < 0.05 ? '< 0.1' : value.toFixed(1);
}

export function formatCount(value: number | null | undefined): string {
  return value === null || value === undefined ? DASH : whole.format(value);
}

/** A count of the queue, which stops at a limit: "10,000+". */
export function formatQueued(value: number | null): string {
  return `${formatCount(value)}${value !== null && value >= QUEUE_COUNT_LIMIT ? '+' : ''}`;
}

/** A change of stock: `+2`, `−2`. */
export function formatChange(units: number): string {
  return `${units < 0 ? '−' : '+'}${whole.format(Math.abs(units))}`;
}

export function formatRate(value: number | null): string {
  if (value === null) return DASH;
  return value >= 10 || value === 0 ? whole.format(value) : oneDigit(value);
}

export function formatMs(value: number | null): string {
  if (value === null) return DASH;
  if (value < 10) return `${value.toFixed(1)} ms`;
  if (value < 10_000) return `${whole.format(value)} ms`;
  return `${(value / 1000).toFixed(1)} s`;
}

export function formatShare(value: number | null): string {
  if (value === null) return DASH;
  const percent = value * 100;
  return `${percent > 0 && percent < 10 ? oneDigit(percent) : whole.format(percent)} %`;
}

/** A short time on an axis or in a sentence: "250 ms", "1.5 s". */
export function formatShortTime(ms: number): string {
  return ms < 1000 ? `${Math.round(ms)} ms` : `${Math.round(ms / 10) / 100} s`;
}

/** A number on an axis: whole where it can be. */
export function formatTick(value: number): string {
  return Number.isInteger(value) ? `${value}` : value.toFixed(1);
}

/** A count with its noun: "1 order", "1,200 orders". */
export function plural(count: number, one: string, many = `${one}s`): string {
  return `${whole.format(count)} ${count === 1 ? one : many}`;
}

/** A duration in its largest one or two units: "4 s", "2 min 5 s", "1 h 3 min". */
export function formatSpan(ms: number | null): string {
  if (ms === null) return DASH;
  const seconds = Math.floor(Math.max(0, ms) / 1000);
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return seconds % 60 === 0 ? `${minutes} min` : `${minutes} min ${seconds % 60} s`;
  const hours = Math.floor(minutes / 60);
  if (hours < 48) return minutes % 60 === 0 ? `${hours} h` : `${hours} h ${minutes % 60} min`;
  return `${Math.floor(hours / 24)} d`;
}

export const formatSeconds = (seconds: number | null): string => formatSpan(seconds === null ? null : seconds * 1000);

/** A mark on a time axis that begins at zero: `45 s`, `12 min`. */
export function formatElapsed(seconds: number): string {
  return seconds >= 120 ? `${Math.round((seconds / 60) * 10) / 10} min` : `${seconds} s`;
}

/** A price as a plain number. */
function formatPrice(cents: number): string {
  return (cents / 100).toLocaleString('en', { minimumFractionDigits: 2 });
}

/** An amount with its currency: `19.99 EUR`. */
export function formatMoney(cents: number | null, currency: string | null): string {
  return cents === null || currency === null ? DASH : `${formatPrice(cents)} ${currency}`;
}

/** A movement of money with its sign: `+19.99 EUR` for a charge, `−19.99 EUR` for a refund. */
export function formatMovement(cents: number, currency: string): string {
  return `${cents < 0 ? '−' : '+'}${formatMoney(Math.abs(cents), currency)}`;
}

/** The hundredths in a typed price such as `499.99` or `20`; NaN if it is none. Digit by digit: a float would lose some. */
export function parsePrice(text: string): number {
  const [, whole, hundredths = ''] = /^(\d{1,9})(?:\.(\d{1,2}))?$/.exec(text.trim()) ?? [];
  return whole === undefined ? Number.NaN : Number(whole + hundredths.padEnd(2, '0'));
}

const clock = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit', second: '2-digit' });
const dated = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short' });

/** The time of day, with the date before it unless it is today. */
export function formatTime(iso: string): string {
  const at = new Date(iso);
  if (Number.isNaN(at.getTime())) return DASH;
  const sameDay = at.toDateString() === new Date().toDateString();
  return sameDay ? clock.format(at) : `${dated.format(at)} ${clock.format(at)}`;
}

/** The same with milliseconds. */
export function formatPreciseTime(iso: string): string {
  const at = new Date(iso);
  if (Number.isNaN(at.getTime())) return DASH;
  return `${formatTime(iso)}.${String(at.getMilliseconds()).padStart(3, '0')}`;
}

/** An id short enough for a list. Order ids begin with their time, so the end tells them apart. */
export function shortId(id: string): string {
  return id.length > 16 ? `${id.slice(0, 4)}…${id.slice(-8)}` : id;
}
