import { readConfig } from './config.ts';
import { startProviderSimulator } from './start-provider-simulator.ts';

await startProviderSimulator(readConfig());
