import { readConfig } from './config.ts';
import { startPaymentService } from './start-payment-service.ts';

await startPaymentService(readConfig());
