/** Numbers that an ONNX file keeps in a file beside it. */
import { realpath, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { invalid } from '../checks/check.ts';
import { ioError, LapicqueError } from '../checks/errors.ts';
import { isKind } from '../checks/typed.ts';
import type { Allowance } from '../files/limits.ts';
import { bytesOfFile } from '../files/source-bytes.ts';
import { malformed } from './errors.ts';

/** Contents of files beside the network, by their names, where the network itself came as bytes. */
export type ExternalData = Readonly<Record<string, Uint8Array>>;

/** Reads parts of the files in the folder of one network, and of no others. */
export class ExternalFiles {
  readonly #path: string | undefined;
  readonly #given: ExternalData;
  readonly #allowance: Allowance;
  readonly #signal: AbortSignal | undefined;
  readonly #paths = new Map<string, Promise<string>>();
  readonly #sizes = new Map<string, number>();

  /** @param path - of the network, where it is a file */
  constructor(
    path: string | undefined,
    given: ExternalData,
    allowance: Allowance,
    signal: AbortSignal | undefined,
  ) {
    this.#path = path;
    this.#given = given;
    this.#allowance = allowance;
    this.#signal = signal;
  }

  /**
   * The bytes of a tensor.
   *
   * @param told - what the network says of them: `location`, `offset`, `length`
   * @param needed - bytes of the tensor
   * @throws LapicqueError `malformed-file` for a place outside the folder or the file, `io`, `too-large`
   */
  async read(
    label: string,
    told: ReadonlyMap<string, string>,
    needed: number,
  ): Promise<Uint8Array<ArrayBuffer>> {
    const location = (told.get('location') ?? '').replace(/^\.\//, '');
    const wrong = (reason: string) => malformed(0, `the tensor ${label}: its external data ${reason}`);
    if (!isFileName(location))
      throw wrong(`are at ${JSON.stringify(location)}, and only a file in the folder of the network is read`);
    const [offset, length] = [numberOf(told.get('offset')), numberOf(told.get('length') ?? `${needed}`)];
    if (offset === undefined || length === undefined)
      throw wrong('have an offset or a length that is no number');
    if (length !== needed) throw wrong(`have ${length} bytes, and its shape needs ${needed}`);
    const given = Object.hasOwn(this.#given, location) ? this.#given[location] : undefined;
    if (given !== undefined) {
      if (!isKind(given, Uint8Array)) invalid(`externalData.${location}`, given, 'a Uint8Array');
      if (!this.#sizes.has(location)) this.#allowance.add(given.length);
      this.#sizes.set(location, given.length);
      if (offset + length > given.length)
        throw wrong(`end at byte ${offset + length}, and ${location} has ${given.length}`);
      this.#allowance.take(`the tensor ${label}`, length);
      return given.slice(offset, offset + length) as Uint8Array<ArrayBuffer>;
    }
    if (this.#path === undefined)
      throw new LapicqueError('io', {
        path: location,
        reason: `the network came as bytes: give the bytes of this file, too, with externalData: { ${JSON.stringify(location)}: bytes }`,
      });
    const known = this.#paths.get(location) ?? beside(this.#path, location);
    this.#paths.set(location, known);
    const path = await known;
    const size = await this.#size(path);
    if (offset + length > size) throw wrong(`end at byte ${offset + length}, and ${location} has ${size}`);
    this.#allowance.take(`the tensor ${label}`, length);
    return bytesOfFile(path, this.#signal, { offset, length });
  }

  /** Bytes of a file, which then counts as a part of the network's. */
  async #size(path: string): Promise<number> {
    const known = this.#sizes.get(path);
    if (known !== undefined) return known;
    const { size } = await stat(path);
    this.#sizes.set(path, size);
    this.#allowance.add(size);
    return size;
  }
}

/** A name without folders, under every system. */
function isFileName(location: string): boolean {
  return location !== '' && location !== '.' && location !== '..' && !/[/\\:\0]/.test(location);
}

function numberOf(text: string | undefined): number | undefined {
  if (text === undefined) return 0;
  const number = Number(text);
  return /^\d{1,15}$/.test(text) && Number.isSafeInteger(number) ? number : undefined;
}

/**
 * The file of this name in the folder of the network. A link that leads out of it is refused, unless the network itself is a link to a file in
 * the folder where that leads, as caches of models have them.
 */
async function beside(network: string, location: string): Promise<string> {
  const path = join(dirname(network), location);
  try {
    const [real, own, folder] = await Promise.all([
      realpath(path),
      realpath(network),
      realpath(dirname(network)),
    ]);
    if (dirname(real) !== folder && dirname(real) !== dirname(own))
      throw malformed(0, `its external data ${location} are a link out of the folder of the network`);
    if (!(await stat(real)).isFile()) throw malformed(0, `its external data ${location} are no regular file`);
    return real;
  } catch (error) {
    throw error instanceof LapicqueError ? error : ioError(path, error);
  }
}
