import { registerHooks } from 'node:module';
import { applyCuts, type Cut } from './cut.ts';

/**
 * Laboratory mode: `node --import=<this file>` cuts defences out of a service's source as Node reads it. The product's own code
 * has no switch for it.
 */

// biome-ignore lint/style/noProcessEnv: this runs inside a process of the product, which gets nothing else.
const { NODE_ENV, VALERIX_LABORATORY } = process.env;
if (NODE_ENV === 'production') refuse('not with NODE_ENV=production');
if (!VALERIX_LABORATORY) refuse('VALERIX_LABORATORY does not say what to cut out');

const { without, cuts } = JSON.parse(VALERIX_LABORATORY as string) as { without: string; cuts: Cut[] };
process.stderr.write(`laboratory: this process runs without ${without}\n`);

registerHooks({
  load(url, context, nextLoad) {
    const loaded = nextLoad(url, context);
    const here = cuts.filter(({ file }) => url.endsWith(`/${file}`));
    if (here.length === 0) return loaded;
    try {
      return { ...loaded, source: applyCuts(String(loaded.source), here) };
    } catch (error) {
      return refuse((error as Error).message);
    }
  },
});

/** A process without the intended cuts must not run: it would prove the wrong thing. */
function refuse(reason: string): never {
  process.stderr.write(`laboratory: ${reason}\n`);
  // EX_SOFTWARE of sysexits.h.
  process.exit(70);
}
