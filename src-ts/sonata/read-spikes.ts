/** Spikes in HDF5 files of SONATA: outputs of simulations, and inputs. */
import type { ReportFile } from './report-hdf5.ts';
import { textOf } from './report-hdf5.ts';
import type { SonataSorting } from './report-types.ts';

/** Of one population as the file has them: ids of nodes, times in ms. */
export interface StoredSpikes {
  /** `undefined` in files from before populations were part of the format. */
  readonly population: string | undefined;
  /** Where its datasets are in the file. */
  readonly at: { readonly ids: string; readonly times: string };
  readonly ids: Float64Array;
  readonly times: Float64Array;
  readonly sorting: SonataSorting;
  readonly warnings: readonly string[];
}

/** Names of the order of spikes, also those that older files have. */
const sortings: Readonly<Record<string, SonataSorting>> = {
  none: 'none',
  unknown: 'none',
  by_id: 'by_id',
  id: 'by_id',
  by_time: 'by_time',
  time: 'by_time',
};

/** Whether a file has spikes as SONATA stores them; other formats have a group of this name, too. */
export async function hasSpikes(file: ReportFile): Promise<boolean> {
  if ((await file.kind('spikes')) !== 'group') return false;
  const members = await file.members('spikes');
  if (members.has('timestamps')) return true;
  return members.size === 0 || [...members.values()].some((kind) => kind === 'group');
}

/** @throws LapicqueError `malformed-file` with the dataset and the index, `unsupported`, `too-large`, `aborted` */
export async function storedSpikes(file: ReportFile): Promise<readonly StoredSpikes[]> {
  if ((await file.kind('spikes')) !== 'group') throw file.error('it has no group spikes');
  const members = await file.members('spikes');
  if (members.has('timestamps'))
    return [await populationOf(file, undefined, 'spikes', members.has('gids') ? 'gids' : 'node_ids')];
  const all: StoredSpikes[] = [];
  for (const [name, kind] of members) {
    if (kind !== 'group')
      throw file.error(`spikes/${name} is a ${kind}; expected a group for each population`);
    // A group without members is a population of which nothing was stored.
    if ((await file.members(`spikes/${name}`)).size === 0) continue;
    all.push(await populationOf(file, name, `spikes/${name}`, 'node_ids'));
  }
  return all;
}

async function populationOf(
  file: ReportFile,
  population: string | undefined,
  group: string,
  idsName: string,
): Promise<StoredSpikes> {
  const at = { ids: `${group}/${idsName}`, times: `${group}/timestamps` };
  const [idsShape, timesShape] = [await file.dataset(at.ids, 1), await file.dataset(at.times, 1)].map(
    ({ shape }) => shape![0]!,
  );
  if (idsShape !== timesShape)
    throw file.error(`${idsShape} values of ${at.ids} for ${timesShape} of ${at.times}`);
  const warnings: string[] = [];
  const unit = await file.unitOfTime(at.times, warnings);
  const [ids, times] = [await file.wholes(at.ids), await file.finites(at.times)];
  if (unit !== 1)
    await file.yielder.each(times.length, (i) => {
      times[i]! *= unit;
    });
  // Some files have it at the ids.
  const attribute =
    (await file.attributes(group)).get('sorting') ?? (await file.attributes(at.ids)).get('sorting');
  const word = textOf(attribute) ?? 'none';
  const isValid = Object.hasOwn(sortings, word);
  if (!isValid || (attribute !== undefined && textOf(attribute) === undefined))
    warnings.push(`${group} has an attribute sorting that is none of none, by_id and by_time`);
  const sorting = isValid ? sortings[word]! : 'none';
  const unsorted = await firstUnsorted(file, sorting, ids, times);
  if (unsorted !== undefined)
    warnings.push(`${group} says that it is sorted ${sorting}, but spike ${unsorted} is not in this order`);
  return {
    population,
    at,
    ids,
    times,
    sorting: unsorted === undefined ? sorting : 'none',
    warnings,
  };
}

/** The first spike that comes too late for the order; those of one node ascend in time, too. */
async function firstUnsorted(
  file: ReportFile,
  sorting: SonataSorting,
  ids: Float64Array,
  times: Float64Array,
): Promise<number | undefined> {
  let found: number | undefined;
  const isDecreasing = (i: number) =>
    sorting === 'by_time'
      ? times[i]! < times[i - 1]!
      : ids[i]! < ids[i - 1]! || (ids[i] === ids[i - 1] && times[i]! < times[i - 1]!);
  if (sorting === 'none') return undefined;
  await file.yielder.each(times.length, (i) => {
    if (found === undefined && i > 0 && isDecreasing(i)) found = i;
  });
  return found;
}
