/** The tensors that a file brings to {@link Model.importWeights}: those of a state_dict, also of one within a checkpoint. */
import { invalid, text } from '../check.ts';
import { type FileSource, isSource, type LoadOptions } from '../file-source.ts';
import type { GivenWeights } from '../given-weights.ts';
import { entriesOf, readTensorFile } from '../tensor-file.ts';
import { readTorch, torchSource } from '../torch/read.ts';
import type { IgnoredTensor } from './peer-modules.ts';

/** Tensors by name, and those that are no weights. */
export interface Selected {
  readonly tensors: readonly (readonly [name: string, tensor: unknown])[];
  readonly ignored: readonly IgnoredTensor[];
}

/**
 * The tensors of a file or of those that were read already: the file's own state_dict, the one that `stateDict` names, or the only one that
 * there is.
 *
 * @param name - of the argument
 * @throws LapicqueError as {@link readTensors}; `invalid-parameter` where there are several, or none of that name
 */
export async function selectedTensors(
  name: string,
  source: GivenWeights | FileSource,
  stateDict: string | undefined,
  options: LoadOptions,
): Promise<Selected> {
  if (!isSource(source)) return selected(entriesOf(name, source), stateDict);
  const given = await torchSource(name, source, options);
  if (!given.isTorch) {
    const { tensors } = await readTensorFile(given.source, options);
    return selected([...tensors], stateDict);
  }
  const { tensors, stateDicts } = await readTorch(name, given.source, options);
  if (stateDict !== undefined || stateDicts.includes('')) return selected([...tensors], stateDict);
  if (stateDicts.length > 1) {
    const names = stateDicts.map((name) => `'${name}'`).join(', ');
    invalid('stateDict', undefined, `the name of one of the dictionaries of this file: ${names}`);
  }
  return selected([...tensors], stateDicts[0]);
}

/** Those of a dictionary, without its name; all where none is named. @throws LapicqueError `invalid-parameter` where there are none */
function selected(all: readonly (readonly [string, unknown])[], stateDict: string | undefined): Selected {
  if (stateDict === undefined || stateDict === '') return { tensors: all, ignored: [] };
  const prefix = `${text('stateDict', stateDict)}.`;
  const tensors: [string, unknown][] = [];
  const ignored: IgnoredTensor[] = [];
  for (const [name, tensor] of all) {
    if (name.startsWith(prefix)) tensors.push([name.slice(prefix.length), tensor]);
    else ignored.push({ tensor: name, reason: `not in ${stateDict}` });
  }
  if (tensors.length === 0) {
    const first = all.slice(0, 5).map(([name]) => name);
    invalid(
      'stateDict',
      stateDict,
      `the name of a dictionary of the file, whose tensors are ${first.join(', ')} …`,
    );
  }
  return { tensors, ignored };
}
