import { registerHooks } from 'node:module';
import type { Cut } from './sabotages.ts';

// Loaded into a service with `node --import`: cuts guards out of its source as it is read. The product's code knows nothing of it.
const cuts: Cut[] = JSON.parse(process.env.SABOTAGE ?? '[]');

registerHooks({
  load(url, context, nextLoad) {
    const loaded = nextLoad(url, context);
    const here = cuts.filter(({ file }) => url.endsWith(file));
    if (here.length === 0) return loaded;
    let source = String(loaded.source);
    for (const { file, find, replace } of here) {
      if (!source.includes(find)) {
        process.stderr.write(`sabotage: ${file} no longer has: ${find}\n`);
        process.exit(70);
      }
      source = source.replace(find, () => replace);
    }
    return { ...loaded, source };
  },
});
