/** A training of this process: an object that the viewer shows while entries are added to it. */
import type { LogEntry, LogSink } from '../../log/entry.ts';
import { plainEntry } from '../../log/text-formats.ts';
import { TrainingRun } from './training-run.ts';

/** Takes the entries of a log into memory that does not grow. */
export class LiveRun implements LogSink {
  readonly run: TrainingRun;

  constructor(name: string) {
    this.run = new TrainingRun(name);
  }

  add(entry: LogEntry): undefined {
    this.run.add(plainEntry(entry));
  }

  async flush(): Promise<void> {}

  async close(): Promise<void> {}
}
