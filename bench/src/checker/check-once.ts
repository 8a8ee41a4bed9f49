import { checkRun } from '@valerix/gameday/check-run';

const [orders = '', inventory = '', historyFile = ''] = process.argv.slice(2);
const {
  total,
  orders: count,
  operations,
  seconds,
  violations,
} = await checkRun({
  services: { order: { databaseUrl: orders }, inventory: { databaseUrl: inventory } },
  historyFile,
  prefix: 'run',
  fresh: true,
});
const megabytes = Math.round(process.resourceUsage().maxRSS / 1024);
console.log(
  `${count} orders and ${operations} operations compared in ${seconds.toFixed(1)} s, ${megabytes} MB; ${total} violations`,
);
for (const violation of violations.slice(0, 5)) console.log(violation);
