import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { readConfig } from './config.ts';
import { renderReport, updateDocument } from './report/document.ts';
import { runBench } from './run-bench.ts';

const config = readConfig();
const result = await runBench(config, (text) => console.error(text));
mkdirSync(dirname(config.resultFile), { recursive: true });
writeFileSync(config.resultFile, `${JSON.stringify(result, null, 2)}\n`);
console.log(renderReport(result));
if (config.document) updateDocument(config.document, result);
console.error(`The numbers are in ${config.resultFile}${config.document ? ` and ${config.document}` : ''}.`);
process.exit();
