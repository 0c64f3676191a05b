/** The files of one SONATA network, read as far as their loader allows. */
import { resolve } from 'node:path';
import { Allowance } from '../files/limits.ts';
import { readJsonObject, textPieces } from '../files/text-file.ts';
import { fromSwc, type Morphology } from '../morphology/morphology.ts';
import { type Hdf5, readHdf5 } from './hdf5.ts';
import { type Json, malformed } from './json.ts';
import { type StoredSpikes, storedSpikes } from './read-spikes.ts';
import { withReportFile } from './report-hdf5.ts';
import { type Rows, rowsOf } from './rows.ts';

export class SonataFiles {
  readonly signal: AbortSignal | undefined;
  readonly #limit: number;
  readonly #read = new Set<string>();

  /** @param limit - bytes that the content of each file may take */
  constructor(limit: number, signal: AbortSignal | undefined) {
    this.#limit = limit;
    this.signal = signal;
  }

  /** The files that were read, by their whole paths. */
  get paths(): ReadonlySet<string> {
    return this.#read;
  }

  /** What something that is made of files may take. */
  allowance(): Allowance {
    return new Allowance(this.#limit, 0);
  }

  /** @throws LapicqueError `io`, `malformed-file`, `too-large`, `aborted` */
  json(path: string): Promise<Json> {
    this.#read.add(resolve(path));
    return readJsonObject(path, (reason) => malformed(path, reason), this.#options);
  }

  /** The shape of a cell. @throws LapicqueError as {@link fromSwc} */
  morphology(path: string): Promise<Morphology> {
    this.#read.add(resolve(path));
    return fromSwc(path, this.#loading);
  }

  /** A table in text. @throws LapicqueError `io`, `malformed-file`, `too-large`, `aborted` */
  async rows(path: string): Promise<Rows> {
    this.#read.add(resolve(path));
    return rowsOf(path, await textPieces(path, this.#options));
  }

  /** The datasets of some groups. @throws LapicqueError as {@link readHdf5} */
  tables(path: string, groups: readonly string[]): Promise<Hdf5> {
    this.#read.add(resolve(path));
    return readHdf5(path, groups, this.#limit, this.signal);
  }

  /** The spikes of an HDF5 file. @throws LapicqueError `io`, `malformed-file`, `unsupported`, `too-large`, `aborted` */
  spikes(path: string): Promise<readonly StoredSpikes[]> {
    this.#read.add(resolve(path));
    return withReportFile(path, this.#loading, storedSpikes);
  }

  get #loading() {
    const { signal } = this;
    return { limits: { bytes: this.#limit }, ...(signal === undefined ? {} : { signal }) };
  }

  get #options() {
    return { limit: this.#limit, signal: this.signal };
  }
}
