/** Selects the tensors that {@link Model.importWeights} reads from a file: those of one state_dict, also one in a checkpoint. */
import { invalid, text } from '../checks/check.ts';
import { type FileSource, isSource, type LoadOptions } from '../files/file-source.ts';
import { entriesOf, readTensorFile } from '../files/tensor-file.ts';
import type { GivenWeights } from './given-weights.ts';
import type { IgnoredTensor } from './peer-modules.ts';

/** Tensors by name, and the tensors of the file outside the selected state_dict. */
export interface Selected {
  readonly tensors: readonly (readonly [name: string, tensor: unknown])[];
  readonly ignored: readonly IgnoredTensor[];
}

/**
 * Selects the tensors of a file, or of tensors in memory: the state_dict that `stateDict` names, else all tensors if the top level is a
 * state_dict, else the only state_dict of the file.
 *
 * @param name - of the argument
 * @throws LapicqueError as {@link readTensors}; `invalid-parameter` if the file has several state_dicts, or none with the name `stateDict`
 */
export async function selectedTensors(
  name: string,
  source: GivenWeights | FileSource,
  stateDict: string | undefined,
  options: LoadOptions,
): Promise<Selected> {
  if (!isSource(source)) return selected(entriesOf(name, source), stateDict);
  const { tensors, stateDicts } = await readTensorFile(name, source, options);
  if (stateDict !== undefined || stateDicts.includes('')) return selected([...tensors], stateDict);
  if (stateDicts.length > 1) {
    const names = stateDicts.map((name) => `'${name}'`).join(', ');
    invalid('stateDict', undefined, `the name of one of the dictionaries of this file: ${names}`);
  }
  return selected([...tensors], stateDicts[0]);
}

/** The tensors of one dictionary, without its name; all tensors if no name is given. @throws LapicqueError `invalid-parameter` if there are none */
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
      `the name of a dictionary of the file; its first tensors are ${first.join(', ')}`,
    );
  }
  return { tensors, ignored };
}
