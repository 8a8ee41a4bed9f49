import { checkRun } from '../src/checker/check-run.ts';

const [orderDatabaseUrl = '', inventoryDatabaseUrl = '', historyFile = ''] = process.argv.slice(2);
const { total, orders, operations, seconds, violations } = await checkRun({
  orderDatabaseUrl,
  inventoryDatabaseUrl,
  historyFile,
  prefix: 'run',
  fresh: true,
});
const megabytes = Math.round(process.resourceUsage().maxRSS / 1024);
console.log(
  `${orders} orders and ${operations} operations compared in ${seconds.toFixed(1)} s, ${megabytes} MB; ${total} violations`,
);
for (const violation of violations.slice(0, 5)) console.log(violation);
