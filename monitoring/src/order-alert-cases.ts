import type { AlertCases } from './alert-case.ts';
import type { AlertName } from './alerts.ts';
import type { serviceAlertCases } from './service-alert-cases.ts';

/** Alerts about orders, stock and chaos: all others, so that one without cases is a type error. */
export const orderAlertCases: Record<Exclude<AlertName, keyof typeof serviceAlertCases>, AlertCases> = {
  QueueBacklog: {
    fires: [
      {
        title: '250 orders wait, and two replicas say so',
        series: {
          'order_queue_depth{job="order-service",instance="a"}': '250x20',
          'order_queue_depth{job="order-service",instance="b"}': '250x20',
        },
        at: '65s',
        description: '250 orders wait for an answer of the warehouse.',
      },
    ],
    silent: [
      { title: '90 orders wait', series: { 'order_queue_depth{job="order-service"}': '90x20' }, at: '90s' },
      {
        title: 'two replicas say 60, which is 60',
        series: {
          'order_queue_depth{job="order-service",instance="a"}': '60x20',
          'order_queue_depth{job="order-service",instance="b"}': '60x20',
        },
        at: '90s',
      },
      { title: 'a burst', series: { 'order_queue_depth{job="order-service"}': '500x10 0x10' }, at: '65s' },
    ],
  },
  QueueStuck: {
    fires: [
      {
        title: 'the oldest order gets older',
        series: { 'order_queue_oldest_age_seconds{job="order-service"}': '0+5x30' },
        at: '100s',
        description: 'The oldest order has waited for 1m 40s.',
      },
    ],
    silent: [
      {
        title: 'orders are settled within 20 s',
        series: { 'order_queue_oldest_age_seconds{job="order-service"}': '0 5 10 15 20 0 5 10 15 20 0 5 10 15 20' },
        at: '70s',
      },
    ],
  },
  DeadLetters: {
    fires: [
      {
        title: 'three dead letters',
        series: { 'orders_dead_lettered{job="order-service"}': '3x2' },
        at: '5s',
        description: '3 orders need somebody to redrive them.',
      },
    ],
    silent: [{ title: 'none', series: { 'orders_dead_lettered{job="order-service"}': '0x12' }, at: '1m' }],
  },
  IntegrityViolation: {
    fires: [
      {
        title: 'stock that does not add up',
        series: {
          'valerix_integrity_violations{job="order-service",invariant="I1"}': '2x2',
          'valerix_integrity_violations{job="order-service",invariant="I5"}': '0x2',
        },
        at: '5s',
        labels: { invariant: 'I1' },
        description: 'Invariant I1 is violated 2 times.',
      },
    ],
    silent: [
      {
        title: 'all hold',
        series: { 'valerix_integrity_violations{job="order-service",invariant="I1"}': '0x12' },
        at: '1m',
      },
    ],
  },
  IntegrityUnknown: {
    fires: [
      {
        title: 'no replica has been able to compare for seven minutes',
        series: {
          'valerix_integrity_lag_seconds{job="order-service",instance="a"}': '0+5x84',
          'valerix_integrity_lag_seconds{job="order-service",instance="b"}': '0+5x84',
        },
        at: '7m',
        description: 'The auditors have not been able to compare orders and stock for 7m 0s.',
      },
    ],
    silent: [
      {
        title: 'one of two replicas compares',
        series: {
          'valerix_integrity_lag_seconds{job="order-service",instance="a"}': '0+5x84',
          'valerix_integrity_lag_seconds{job="order-service",instance="b"}': '0x84',
        },
        at: '7m',
      },
      {
        title: 'the warehouse was away for four minutes',
        series: { 'valerix_integrity_lag_seconds{job="order-service",instance="a"}': '0+5x48 0x36' },
        at: '7m',
      },
    ],
  },
  BackupOverdue: {
    fires: [
      {
        title: 'the next one was due a minute after the start',
        series: {
          'valerix_backup_due_timestamp_seconds{job="order-service",instance="a"}': '60x120',
          'valerix_backup_due_timestamp_seconds{job="order-service",instance="b"}': '60x120',
        },
        at: '8m',
        description: 'The next backup should have been finished 7m 0s ago.',
      },
    ],
    silent: [
      {
        title: 'nobody takes backups',
        series: { 'valerix_backup_due_timestamp_seconds{job="order-service",instance="a"}': '0x120' },
        at: '8m',
      },
      {
        title: 'it is finished late, and the next one is due tomorrow',
        series: { 'valerix_backup_due_timestamp_seconds{job="order-service",instance="a"}': '60x70 86400x50' },
        at: '8m',
      },
      {
        title: 'a replica has not read the table yet',
        series: {
          'valerix_backup_due_timestamp_seconds{job="order-service",instance="a"}': '86400x120',
          'valerix_backup_due_timestamp_seconds{job="order-service",instance="b"}': '0x120',
        },
        at: '8m',
      },
    ],
  },
  ChaosLeftOn: {
    fires: [
      {
        title: 'latency in the warehouse for eleven minutes',
        series: { 'chaos_enabled{job="inventory-service",type="latency"}': '1x132' },
        at: '11m',
        labels: { type: 'latency' },
        description: 'Faults of type latency have been armed for ten minutes.',
      },
      {
        title: 'a fault of the order service',
        series: { 'chaos_enabled{job="order-service",type="error"}': '1x132' },
        at: '11m',
        labels: { type: 'error' },
        description: 'Faults of type error have been armed for ten minutes.',
      },
    ],
    silent: [
      {
        title: 'five minutes, the default life of a fault',
        series: { 'chaos_enabled{job="inventory-service",type="latency"}': '1x60 0x72' },
        at: '11m',
      },
    ],
  },
  StockOut: {
    fires: [
      {
        title: 'nothing left',
        series: {
          'inventory_stock_level{job="inventory-service",item_id="ps5"}': '3 1 0x6',
          'inventory_stock_level{job="inventory-service",item_id="xbox"}': '9x8',
        },
        at: '30s',
        labels: { item_id: 'ps5' },
        description: 'There is no ps5 left; orders for it are refused.',
      },
    ],
    silent: [
      {
        title: 'one left',
        series: { 'inventory_stock_level{job="inventory-service",item_id="ps5"}': '1x12' },
        at: '1m',
      },
    ],
  },
};
