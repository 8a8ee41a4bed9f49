import { SKEWED_MS } from '@valerix/service-kit/follow-database';

/** Numbers that an alert, a dashboard and the runbook share. Durations in seconds. */
export const SCRAPE_INTERVAL = '5s';

/** The 30 s average response time: amber over this, */
export const RESPONSE_TIME_AMBER_SECONDS = 0.5;
/** and red over this; HighLatency fires when it stays red for 30 s. */
export const RESPONSE_TIME_RED_SECONDS = 1;

/** Orders that wait for the worker. A healthy system settles hundreds a second. */
export const QUEUE_BACKLOG_ORDERS = 100;
/** An order that waits longer than twice the longest pause between two attempts (BACKOFF_CAP_MS) is stuck, not waiting. */
export const QUEUE_STUCK_SECONDS = 60;

/** Customers were told "we will confirm it shortly": the longest they may wait without further news. */
export const ORDER_WAITS_TOO_LONG_SECONDS = 86_400;

/** A paid order that is still open after five minutes is undone (PAYMENT_WINDOW_MS); its refund takes seconds. */
export const PAYMENT_STUCK_SECONDS = 600;
/** Above this share of questions without an answer, the provider is down. */
export const PROVIDER_SILENT = 0.5;

/** Above this share in use, a pool or a bulkhead is nearly full. */
export const NEARLY_FULL = 0.8;

/** StockLow fires when an item would be sold out within this time, at the pace of the last half hour: time to order more. */
export const STOCK_LASTS_SECONDS = 4 * 3_600;

/** A period that is due is dropped within a minute. One that waits this long is held by an unsettled order or a lock. */
export const RETENTION_OVERDUE_SECONDS = 86_400;

/** Failed sign-ins a second. People who mistype come to a few a minute. */
export const GUESSES_PER_SECOND = 2;

/** Requests refused by a quota a second. A client that waits as `Retry-After` says is refused about once a window. */
export const LIMITED_PER_SECOND = 1;

/** With a longer audit delay the verdict is unknown. A restart of the inventory service takes less. */
export const INTEGRITY_UNKNOWN_SECONDS = 60;

/** The largest difference between the clocks of a process and its database; `/health` reports more too (follow-database.ts). */
export const CLOCK_SKEW_SECONDS = SKEWED_MS / 1_000;

/** A fault lives 5 minutes unless more was asked for (contracts, DEFAULT_FAULT_SECONDS). */
export const CHAOS_LEFT_ON = '10m';
