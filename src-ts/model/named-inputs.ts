/** Named inputs of a graph: parts of its one input, by name. */
import { invalid, typedArray, unknownName } from '../checks/check.ts';
import { LapicqueError } from '../checks/errors.ts';
import { elementCount, type Shape } from '../checks/tensor.ts';
import { isKind, zerosLike } from '../checks/typed.ts';
import { doublesOf, isWhole } from '../checks/whole-numbers.ts';
import type { Description } from '../description/description.ts';
import type { InputTensor } from '../description/input-tensor.ts';

/** A named part of a network's input: the elements from `from`, in a shape of their own. */
export interface InputPart {
  readonly name: string;
  readonly from: number;
  readonly size: number;
  readonly shape: Shape;
}

/** A network or model with named inputs. */
export interface WithNamedInputs {
  readonly description: Description;
}

/** The named inputs of a network in order: the slices of its input, if together they are the whole input. Else none. */
export function inputParts({ input, nodes, edges }: Description): readonly InputPart[] {
  const read = new Set(edges.filter(([from]) => from === 'input').map(([, to]) => to));
  const slices = nodes.flatMap((node) =>
    node.kind === 'slice' && read.has(node.name)
      ? [{ name: node.name, from: node.from, size: elementCount(node.shape), shape: node.shape }]
      : [],
  );
  const parts = slices.sort((a, b) => a.from - b.from);
  const ends = [0, ...parts.map(({ from, size }) => from + size)];
  const areWhole = ends.at(-1) === input.size && parts.every(({ from }, i) => from === ends[i]);
  return areWhole && read.size === parts.length ? parts : [];
}

/**
 * Joins the named inputs of a {@link graph} to the one tensor that `run`, `fit`, `forward` and the other methods take. Time and batch are the
 * leading axes, the same for all inputs.
 *
 * ```ts
 * const model = await graph({ inputs: { image: [2, 34, 34], sound: 64 }, nodes, edges, output: 'out' }).compile();
 * const batch = { ...joinInputs(model, { image: { x: image, shape: [20, 8, 2, 34, 34] }, sound: { x: sound, shape: [20, 8, 64] } }), y };
 * await model.trainStep(batch, { loss: loss.crossEntropyRate(), optimizer: adam() });
 * ```
 *
 * @param network - a network or model with named inputs
 * @param inputs - a tensor for each name: `[time, batch, …]`, with `steps` `[batch, …]`, of a sample of a data set `[time, …]`; its last axes
 * are the shape of this input, or one flat axis
 * @returns one tensor with flat channels. Bytes if all inputs are bytes; doubles if one is a `Float64Array` or integers; else a `Float32Array`
 * @throws LapicqueError `invalid-parameter` for a network without named inputs, and for a missing input; `unknown-name`; `shape-mismatch`
 */
export function joinInputs(
  network: WithNamedInputs,
  inputs: Readonly<Record<string, InputTensor>>,
): InputTensor & { readonly shape: readonly number[] } {
  const parts = partsOf(network, inputs);
  const given = parts.map((part) => checkedPart(part, inputs[part.name]!));
  const [{ lead }] = given as [(typeof given)[0]];
  for (const [i, { lead: own }] of given.entries()) {
    if (`${own}` !== `${lead}`) {
      const of = parts[0]!.name;
      throw mismatch(
        parts[i]!,
        `[${lead.join(', ')}] before the channels, as ${of} has`,
        inputs[parts[i]!.name]!.shape,
      );
    }
  }
  const size = parts.reduce((sum, part) => sum + part.size, 0);
  const rows = elementCount(lead);
  const x = emptyFor(
    given.map(({ x }) => x),
    rows * size,
  );
  for (const [i, { from, size: width }] of parts.entries()) {
    const values = given[i]!.x;
    for (let row = 0; row < rows; row += 1) {
      x.set(values.subarray(row * width, (row + 1) * width), row * size + from);
    }
  }
  return { x, shape: [...lead, size] };
}

/**
 * The inverse of {@link joinInputs}: divides a tensor of a whole input into its named parts, such as the gradient with respect to the input.
 *
 * ```ts
 * const { inputGradient } = await model.trainStep(batch, { loss, inputGradient: true });
 * const { image, sound } = splitInputs(model, { x: inputGradient, shape: batch.shape });
 * ```
 *
 * @returns by name: the values (a copy, of the same kind of array), and their shape: the leading axes and those of the input
 * @throws LapicqueError `invalid-parameter` for a network without named inputs; `shape-mismatch`
 */
export function splitInputs<X extends Float32Array | Float64Array | Uint8Array>(
  network: WithNamedInputs,
  tensor: { readonly x: X; readonly shape: readonly number[] },
): Record<string, { x: X; shape: number[] }> {
  const parts = named(network);
  const { size } = network.description.input;
  const { x, lead } = checkedPart({ name: 'input', from: 0, size, shape: [size] }, tensor);
  const rows = elementCount(lead);
  const split = parts.map(({ name, from, size: width, shape }) => {
    const values = zerosLike(x, rows * width);
    for (let row = 0; row < rows; row += 1) {
      values.set(x.subarray(row * size + from, row * size + from + width) as X, row * width);
    }
    return [name, { x: values, shape: [...lead, ...shape] }];
  });
  return Object.fromEntries(split);
}

function named(network: WithNamedInputs): readonly InputPart[] {
  const description = network?.description as Partial<Description> | null | undefined;
  if (!Array.isArray(description?.nodes) || !Array.isArray(description.edges))
    invalid('network', network, 'a network or a model');
  const parts = inputParts(network.description);
  if (parts.length === 0) {
    invalid(
      'network',
      'a network with one input',
      'a graph whose `inputs` have names: { image: [2, 34, 34], sound: 64 }',
    );
  }
  return parts;
}

/** The named inputs; refuses others in `given`, and missing ones. */
function partsOf(network: WithNamedInputs, given: Readonly<Record<string, unknown>>): readonly InputPart[] {
  const parts = named(network);
  checkNames(parts, given);
  return parts;
}

/** Refuses unknown and missing names. */
export function checkNames(parts: readonly InputPart[], given: Readonly<Record<string, unknown>>): void {
  const names = parts.map(({ name }) => name);
  if (typeof given !== 'object' || given === null || Array.isArray(given)) {
    invalid('inputs', given, `an object with ${names.join(', ')}`);
  }
  const other = Object.keys(given).find((name) => !names.includes(name));
  if (other !== undefined) throw unknownName('input', other, names);
  const absent = names.find((name) => !Object.hasOwn(given, name));
  if (absent !== undefined)
    invalid(`inputs.${absent}`, undefined, `a value for each input: ${names.join(', ')}`);
}

type Values = Float32Array | Float64Array | Uint8Array;

/** Checks one tensor. `lead`: its axes before those of the part. */
function checkedPart(part: InputPart, tensor: InputTensor): { x: Values; lead: readonly number[] } {
  const { name, size, shape: own } = part;
  if (typeof tensor !== 'object' || tensor === null)
    invalid(`inputs.${name}`, tensor, 'an object { x, shape }');
  const { x: given, shape } = tensor;
  const isInteger = isWhole(given) && !isKind(given, Uint8Array);
  const x = isInteger
    ? doublesOf(`inputs.${name}.x`, given)
    : typedArray(`inputs.${name}.x`, given, [Float32Array, Float64Array, Uint8Array]);
  if (!Array.isArray(shape)) invalid(`inputs.${name}.shape`, shape, 'an array of sizes');
  const axes = `${shape.slice(-own.length)}` === `${own}` ? own.length : shape.at(-1) === size ? 1 : 0;
  const lead = shape.slice(0, shape.length - axes);
  if (axes === 0 || lead.length === 0 || x.length !== elementCount(shape)) {
    const got = axes > 0 && lead.length > 0 ? `${x.length} values in the shape [${shape.join(', ')}]` : shape;
    throw mismatch(part, `[…, ${own.join(', ')}] with time and batch in front`, got);
  }
  return { x, lead };
}

function mismatch({ name }: InputPart, expected: string, got: readonly number[] | string) {
  const shown = typeof got === 'string' ? got : `[${got.join(', ')}]`;
  return new LapicqueError('shape-mismatch', { layer: name, expected, got: shown });
}

/** An array of the narrowest kind that holds the values of all inputs. */
function emptyFor(inputs: readonly Values[], length: number): Values {
  if (inputs.every((x) => isKind(x, Uint8Array))) return new Uint8Array(length);
  return inputs.some((x) => isKind(x, Float64Array)) ? new Float64Array(length) : new Float32Array(length);
}
