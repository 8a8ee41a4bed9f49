import { checkRun } from '@valerix/gameday/check-run';
import { perService } from '@valerix/system';

const [orderUrl = '', inventoryUrl = '', historyFile = ''] = process.argv.slice(2);
// The checker reads only these two databases.
const services = {
  ...perService(() => ({ databaseUrl: '' })),
  order: { databaseUrl: orderUrl },
  inventory: { databaseUrl: inventoryUrl },
};
const checked = await checkRun({ services, historyFile, prefix: 'run', fresh: true });
const megabytes = Math.round(process.resourceUsage().maxRSS / 1024);
console.log(
  `Compared ${checked.orders} orders and ${checked.operations} operations in ${checked.seconds.toFixed(1)} s with ` +
    `${megabytes} MB: ${checked.total} violations.`,
);
for (const violation of checked.violations.slice(0, 5)) console.log(violation);
