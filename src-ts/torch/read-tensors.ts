/** Tensors from a file, whichever library wrote it. */
import { options as checkOptions } from '../check.ts';
import { type FileSource, type LoadOptions, loadOptions } from '../file-source.ts';
import { readTensorFile, type TensorFile } from '../tensor-file.ts';
import { readTorch, torchSource } from './read.ts';

/**
 * Reads a `.safetensors`, `.npy` or `.npz` file or one of `torch.save` (`.pth`, `.pt`), whichever its content is. The array of an `.npy` file
 * has the file's name without its ending, that of bytes the name `array`.
 *
 * Of a torch file nothing is executed: dictionaries, lists, tensors, numbers and texts are read, and any other Python object is refused by its
 * name. Tensors of dictionaries within dictionaries, as of a checkpoint, have names like `model_state_dict.fc1.weight`; numbers and texts beside
 * them (`epoch`) are `metadata`.
 *
 * @param source - a path or a `file:` URL, the bytes of a file, or a stream of them
 * @param options - `limits`: what the arrays may take, each counted twice while it is unpacked and copied
 * @throws LapicqueError `malformed-file`, `unsupported` for an element type or an object of Python, `too-large`, `io`, `aborted`
 */
export async function readTensors(source: FileSource, options: LoadOptions = {}): Promise<TensorFile> {
  const checked = checkOptions('readTensors', options, loadOptions);
  const given = await torchSource('source', source, checked);
  if (!given.isTorch) return readTensorFile(given.source, checked);
  const { tensors, metadata } = await readTorch('source', given.source, checked);
  return { tensors, metadata };
}
