// Rows of the arrays of a test file, for programs that read recorded noise.
import { readTensors } from 'lapicque/files';

/** Reads a file; the result gives an array of it by name as rows of `width` numbers. */
export async function rowsOfFile(path) {
  const { tensors } = await readTensors(path);
  return (name, width) => {
    if (!tensors.has(name)) throw new TypeError(`${path}: has no array ${name}`);
    const values = tensors.get(name).data;
    return Array.from({ length: values.length / width }, (_, i) => values.slice(width * i, width * (i + 1)));
  };
}
