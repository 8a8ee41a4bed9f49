import { checkRun } from '@valerix/gameday/check-run';
import { perService } from '@valerix/system';

const [orders = '', inventory = '', historyFile = ''] = process.argv.slice(2);
const {
  total,
  orders: count,
  operations,
  seconds,
  violations,
} = await checkRun({
  // The checker reads these two; the others of the system take no part.
  services: {
    ...perService(() => ({ databaseUrl: '' })),
    order: { databaseUrl: orders },
    inventory: { databaseUrl: inventory },
  },
  historyFile,
  prefix: 'run',
  fresh: true,
});
const megabytes = Math.round(process.resourceUsage().maxRSS / 1024);
console.log(
  `${count} orders and ${operations} operations compared in ${seconds.toFixed(1)} s, ${megabytes} MB; ${total} violations`,
);
for (const violation of violations.slice(0, 5)) console.log(violation);
