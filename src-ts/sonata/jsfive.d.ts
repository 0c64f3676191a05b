/** The part of jsfive that is used; the package has no types of its own. */
declare module 'jsfive' {
  /** What a file says of a group or a dataset. */
  export class DataObjects {
    readonly chunks: readonly number[] | null | undefined;
    _attr_value(type: unknown, buffer: ArrayBuffer, count: number, offset: number): unknown;
  }
  export class Group {
    readonly keys: readonly string[];
    readonly _dataobjects: DataObjects;
    get(name: string): Group | Dataset | null;
  }
  export class Dataset {
    readonly attrs: Readonly<Record<string, unknown>>;
    readonly shape: readonly number[];
    /** Such as `<f8`, or a list for what is no number. */
    readonly dtype: string | readonly unknown[];
    readonly value: readonly unknown[];
    readonly _dataobjects: DataObjects;
  }
  export class File extends Group {
    constructor(bytes: ArrayBuffer, name?: string);
  }
  /** What takes a chunk apart, by the number of HDF5's filter. */
  export const Filters: Map<number, (packed: ArrayBuffer, itemBytes: number) => ArrayBuffer>;
}
