/** What a log records. */

/** The kinds of entries. */
export type LogEntryKind = 'batch' | 'epoch' | 'progress' | 'trial' | 'values';

/** A value of an entry. Text and flags are recorded by CSV and JSON logs only, because TensorBoard draws numbers. */
export type LogValue = number | string | boolean | undefined;

/** One entry: a row of a CSV log, a line of a JSON log, a point of each curve in TensorBoard. */
export interface LogEntry {
  readonly kind: LogEntryKind;
  /** The position on the horizontal axis: batches, epochs, steps of a simulation, the number of a trial, or what the caller counts. */
  readonly step: number;
  /** When it was recorded, ms since 1970. */
  readonly time: number;
  readonly values: Readonly<Record<string, LogValue>>;
  /** Arrays whose distributions are recorded, by name. */
  readonly histograms?: Readonly<Record<string, ArrayLike<number>>>;
}

/** A file format of a log. */
export interface LogFormat {
  /** The file, which is created when the first entry is written. */
  readonly path: string;
  /** Whether entries are added to a file that exists already. */
  readonly append: boolean;
  /** Whether to record batches. */
  readonly batches: boolean;
  /** Whether to record the activity of the layers after an epoch. */
  readonly activity: boolean;
  /** Whether to record the distribution of each weight tensor after an epoch. */
  readonly weights: boolean;
  /** The bytes at the start of a file. `found` is the first line of the file to append to. */
  start(found: string | undefined): Promise<string | Uint8Array> | string | Uint8Array;
  /** The bytes of an entry. @throws LapicqueError `invalid-parameter` for an entry that the file cannot hold */
  encode(entry: LogEntry): string | Uint8Array;
}

/** Where the entries of a log go: a file, or the viewer. */
export interface LogSink {
  /** @returns when the entry is written, or at once if it waits for others @throws LapicqueError of this entry or of an earlier one */
  add(entry: LogEntry): Promise<void> | undefined;
  /** Writes all entries that wait. */
  flush(): Promise<void>;
  close(): Promise<void>;
}
