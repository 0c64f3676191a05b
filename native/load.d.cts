import type * as Addon from './addon.d.cts';

export type * from './addon.d.cts';

/** The addon's functions; their results are `Outcome`s. Not there where it failed to load. */
export declare const addon: typeof Addon;
/** Why it failed to load: an error with the `code` and the fields of `unsupported`. */
export declare const failure: Error | undefined;
/** The file that was loaded. */
export declare const binaryPath: string;
export declare const platform: NodeJS.Platform;
export declare const arch: NodeJS.Architecture;
/** On Linux only. */
export declare const libc: 'gnu' | 'musl' | undefined;
