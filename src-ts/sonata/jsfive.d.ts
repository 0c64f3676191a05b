/** The part of jsfive that is used; the package has no types of its own. */
declare module 'jsfive' {
  export class Group {
    readonly keys: readonly string[];
    get(name: string): Group | Dataset;
  }
  export class Dataset {
    readonly attrs: Readonly<Record<string, unknown>>;
    readonly shape: readonly number[];
    readonly value: readonly unknown[];
  }
  export class File extends Group {
    constructor(bytes: ArrayBuffer, name?: string);
  }
}
