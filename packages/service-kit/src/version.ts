import manifest from '../../../package.json' with { type: 'json' };

/** The version of Valerix: one for all its processes. */
export const VERSION = manifest.version;
