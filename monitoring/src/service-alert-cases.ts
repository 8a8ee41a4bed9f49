import type { AlertCases, Series } from './alert-case.ts';

type ServiceAlert =
  | 'HighLatency'
  | 'CircuitBreakerOpen'
  | 'ServiceDown'
  | 'ReplicaDown'
  | 'DatabaseDown'
  | 'PoolExhausted';

/** Alerts about the processes and what they need. */
export const serviceAlertCases: Record<ServiceAlert, AlertCases> = {
  HighLatency: {
    fires: [
      {
        title: 'an average of 1.5 s',
        series: responses(1, 1.5),
        at: '1m',
        description: 'The average response time over 30 s is 1.5s; red is 1 s.',
      },
    ],
    silent: [
      { title: 'an average of 0.9 s', series: responses(1, 0.9), at: '2m' },
      { title: 'slow for less than 30 s', series: responses(1, 1.5), at: '30s' },
      { title: 'no request at all', series: responses(0, 0), at: '2m' },
    ],
  },
  CircuitBreakerOpen: {
    fires: [
      {
        title: 'open',
        series: breaker('0 1x6', '0 1x6'),
        at: '20s',
        labels: { service: 'inventory-service' },
        description: 'A replica of the order service has stopped asking inventory-service; its orders are queued.',
      },
      {
        title: 'an outage in which every scrape finds it half-open',
        series: breaker('0 2x36', '0 1+2x35'),
        at: '3m',
        labels: { service: 'inventory-service' },
        description: 'A replica of the order service has stopped asking inventory-service; its orders are queued.',
      },
      {
        title: 'an outage with a call every 20 s',
        series: breaker('0 1 2 2 2 1 2 2 2 1 2 2 2 1 2 2 2 1 2 2 2', '0 1x3 2x3 3x3 4x3 5x3'),
        at: '95s',
        labels: { service: 'inventory-service' },
        description: 'A replica of the order service has stopped asking inventory-service; its orders are queued.',
      },
    ],
    silent: [
      { title: 'closed', series: breaker('0x12', '0x12'), at: '1m' },
      { title: 'open for one scrape', series: breaker('0 0 1 0x12', '0 0 1x13'), at: '30s' },
      {
        title: 'half-open after a short outage, and nobody calls',
        series: breaker('0 1 1 2x60', '0 1 2x61'),
        at: '2m',
      },
    ],
  },
  ServiceDown: {
    fires: [
      {
        title: 'no replica answers',
        series: {
          'up{job="order-service",instance="a"}': '1x6 0x12',
          'up{job="order-service",instance="b"}': '1x6 0x12',
          'up{job="inventory-service",instance="c"}': '1x18',
        },
        at: '1m',
        labels: { job: 'order-service' },
        description: 'No replica of order-service has answered /metrics for 15 s, or none is there at all.',
      },
      {
        title: 'no replica is known',
        series: { 'up{job="order-service",instance="a"}': '1x18' },
        at: '1m',
        labels: { job: 'inventory-service' },
        description: 'No replica of inventory-service has answered /metrics for 15 s, or none is there at all.',
      },
    ],
    silent: [
      {
        title: 'one replica of two does not answer',
        series: {
          'up{job="order-service",instance="a"}': '0x24',
          'up{job="order-service",instance="b"}': '1x24',
          'up{job="inventory-service",instance="c"}': '1x24',
        },
        at: '1m',
      },
      {
        title: 'a restart of 10 s',
        series: {
          'up{job="order-service",instance="a"}': '1 1 0 0 1x20',
          'up{job="inventory-service",instance="c"}': '1x24',
        },
        at: '1m',
      },
    ],
  },
  ReplicaDown: {
    fires: [
      {
        title: 'one replica of two does not answer',
        series: {
          'up{job="order-service",instance="a"}': '1x6 0x24',
          'up{job="order-service",instance="b"}': '1x30',
        },
        at: '2m',
        labels: { job: 'order-service', instance: 'a' },
        description: 'order-service a has not answered /metrics for a minute; others do.',
      },
    ],
    silent: [
      {
        title: 'a replica that takes 50 s to start',
        series: {
          'up{job="order-service",instance="a"}': '0x10 1x20',
          'up{job="order-service",instance="b"}': '1x30',
        },
        at: '1m',
      },
      {
        title: 'all are down, which ServiceDown says',
        series: {
          'up{job="order-service",instance="a"}': '0x30',
          'up{job="order-service",instance="b"}': '0x30',
        },
        at: '2m',
      },
    ],
  },
  DatabaseDown: {
    fires: [
      {
        title: 'no replica reaches it, and none gets a request',
        series: {
          'db_up{job="order-service",instance="a"}': '1x2 0x12',
          'db_up{job="order-service",instance="b"}': '1x2 0x12',
          'db_up{job="inventory-service",instance="c"}': '1x14',
        },
        at: '1m',
        labels: { job: 'order-service' },
        description: 'No replica of order-service has had an answer of its database for 15 s.',
      },
    ],
    silent: [
      {
        title: 'one replica reaches it',
        series: {
          'db_up{job="order-service",instance="a"}': '0x14',
          'db_up{job="order-service",instance="b"}': '1x14',
        },
        at: '1m',
      },
      { title: 'a restart of 10 s', series: { 'db_up{job="order-service"}': '1 1 0 0 1x20' }, at: '1m' },
    ],
  },
  PoolExhausted: {
    fires: [
      {
        title: 'all ten in use and seven wait',
        series: pool(10, 7),
        at: '30s',
        labels: { job: 'order-service', instance: 'a' },
        description: 'order-service a: 7 wait, and every connection is in use.',
      },
    ],
    silent: [
      { title: 'all in use, nobody waits', series: pool(10, 0), at: '1m' },
      { title: 'connections are being opened', series: pool(4, 7), at: '1m' },
    ],
  },
};
/** Requests per second, each taking so long. */
function responses(perSecond: number, seconds: number): Series {
  const labels = '{job="order-service",method="POST",route="/api/orders",status_code="201"}';
  return {
    [`http_request_duration_seconds_count${labels}`]: `0+${5 * perSecond}x24`,
    [`http_request_duration_seconds_sum${labels}`]: `0+${5 * perSecond * seconds}x24`,
  };
}

/** The state of one replica's breaker, and how often it has opened. */
function breaker(state: string, opened: string): Series {
  const labels = 'job="order-service",instance="a",service="inventory-service"';
  return {
    [`circuit_breaker_state{${labels}}`]: state,
    [`circuit_breaker_transitions_total{${labels},to="open"}`]: opened,
  };
}

function pool(inUse: number, waiting: number): Series {
  const labels = '{job="order-service",instance="a"}';
  return {
    [`db_pool_in_use${labels}`]: `${inUse}x12`,
    [`db_pool_waiting${labels}`]: `${waiting}x12`,
    [`db_pool_max${labels}`]: '10x12',
  };
}
