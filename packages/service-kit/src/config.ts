export type Env = Readonly<Record<string, string | undefined>>;

/** The environment of this process; nothing else in the kit reads it. */
export const processEnv = (): Env => process.env;
