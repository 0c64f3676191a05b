/** Event recordings in HDF5: detects the layout of a file, and opens a reader for it. */
import { integer, invalid, oneOf } from '../checks/check.ts';
import { LapicqueError } from '../checks/errors.ts';
import type { FileSource } from '../files/file-source.ts';
import { type Hdf5File, openHdf5 } from '../hdf5/file.ts';
import type { EventReader } from './batch.ts';
import { dsecTable } from './hdf5-dsec.ts';
import { propheseeTable } from './hdf5-prophesee.ts';
import { type EventTable, type Hdf5EventsOptions, TableReader } from './hdf5-reader.ts';
import { shdTable } from './hdf5-shd.ts';

/**
 * Opens a recording in HDF5 in any supported layout: Prophesee's (`CD/events`), DSEC's (`events/t`) or the layout of SHD and SSC
 * (`spikes/times`).
 *
 * @throws LapicqueError `io`, `malformed-file`, `unsupported` for another layout or a filter, `invalid-parameter`, `aborted`
 */
export async function openHdf5Events(
  source: FileSource,
  options: Hdf5EventsOptions = {},
): Promise<EventReader> {
  if (typeof options !== 'object' || options === null) invalid('options', options, 'an object of options');
  const { sample = 0, signal, limits, batchSize, origin = 'stored', sensor } = options;
  if (batchSize !== undefined) integer('batchSize', batchSize, { min: 1 });
  oneOf('origin', origin, ['stored', 'first']);
  integer('sample', sample, { min: 0 });
  const task = signal === undefined ? {} : { signal };
  const file = await openHdf5(source, { limits, ...task });
  try {
    return new TableReader(file, await tableOf(file, sample, task), { batchSize, origin, sensor });
  } catch (error) {
    file.close();
    throw error;
  }
}

/** The layout of a file, by the names in it. */
async function tableOf(
  file: Hdf5File,
  sample: number,
  task: { readonly signal?: AbortSignal },
): Promise<EventTable> {
  const groups = new Set((await file.members('/', task)).map(({ name }) => name));
  if (groups.has('CD')) return propheseeTable(file, task);
  if (groups.has('events')) return dsecTable(file, task);
  if (groups.has('spikes')) return shdTable(file, sample, task);
  const known = 'Prophesee (CD/events), DSEC (events/t) or SHD and SSC (spikes/times)';
  const feature = `a file with ${[...groups].slice(0, 5).join(', ') || 'nothing'} in place of the layout of ${known}`;
  throw new LapicqueError('unsupported', { feature, format: 'reading events from HDF5' });
}
