/** The file of an integer network: a `.safetensors` container with the description in its metadata. */

import { options as checkOptions } from '../checks/check.ts';
import { LapicqueError } from '../checks/errors.ts';
import { isKind } from '../checks/typed.ts';
import { type FileSource, type LoadOptions, loadOptions } from '../files/file-source.ts';
import { Allowance, limitOf } from '../files/limits.ts';
import { type OpenFile, withFile } from '../files/open-file.ts';
import { type NamedTensor, namedTensor } from '../files/tensor-file.ts';
import {
  type IntegerDescription,
  type IntegerParameters,
  type IntegerTensors,
  parameterNames,
  weightShape,
} from './description.ts';

/** The metadata key of the description. Files of models have another, so neither reader takes the other's file. */
const key = 'integerNetwork';
const format = 'lapicque integer network';

/** The tensors and metadata of a network's file. */
export function integerFileContent(
  description: IntegerDescription,
  { weights, parameters, units }: IntegerTensors,
): { tensors: NamedTensor[]; metadata: [string, string][] } {
  const tensors = description.layers.flatMap((layer) => {
    const { name, neurons, rules, connections } = layer;
    const shape = (field: string) => (field.startsWith('current') ? [rules.currents, neurons] : [neurons]);
    const unit = units[name];
    return [
      ...connections.map((connection) =>
        namedTensor(
          `weights.${connection.name}`,
          weightShape(description, layer, connection),
          weights[connection.name]!,
        ),
      ),
      ...parameterNames.map((field) =>
        namedTensor(`parameters.${name}.${field}`, shape(field), parameters[name]![field]),
      ),
      ...(unit === undefined ? [] : [namedTensor(`units.${name}`, [neurons], unit)]),
    ];
  });
  return { tensors, metadata: [[key, JSON.stringify(description)]] };
}

/** What a file holds; the engine has not checked it yet. */
export interface IntegerFile {
  readonly description: IntegerDescription;
  readonly tensors: IntegerTensors;
  /** An error of the engine as one of the file. */
  malformed(error: unknown): unknown;
}

/** @throws LapicqueError `malformed-file`, `unsupported`, `too-large`, `io`, `aborted` */
export function readIntegerFile(source: FileSource, options: LoadOptions): Promise<IntegerFile> {
  const checked = checkOptions('IntegerNetwork.load', options, loadOptions);
  return withFile('source', source, checked, (file) => contentOf(file, checked));
}

async function contentOf(file: OpenFile, { limits }: LoadOptions): Promise<IntegerFile> {
  const bad = (reason: string) => file.malformed(format, reason);
  const text = new Map(file.metadata).get(key);
  if (text === undefined || file.schema === null) throw bad('it contains no integer network');
  const allowance = new Allowance(limitOf(limits), file.size);
  const read = await file.json(format, text, allowance);
  if (!isIntegerDescription(read)) throw bad('its description does not belong to an integer network');
  allowance.take('the integer network', engineBytes(read));
  const tensor = async <A>(name: string, kind: abstract new (...args: never[]) => A): Promise<A> => {
    if (!file.has(name)) throw bad(`there is no tensor ${name}`);
    const data = await file.tensor(name);
    if (!isKind(data, kind as never)) throw bad(`the tensor ${name} is not a ${kind.name}`);
    return data as A;
  };
  const weights: Record<string, Int8Array> = Object.create(null);
  const parameters: Record<string, IntegerParameters> = Object.create(null);
  const units: Record<string, Float64Array> = Object.create(null);
  for (const { name, neurons, connections } of read.layers) {
    if (name in parameters) throw bad(`two layers are called ${name}`);
    for (const connection of connections) {
      if (connection.name in weights) throw bad(`two connections are called ${connection.name}`);
      weights[connection.name] = await tensor(`weights.${connection.name}`, Int8Array);
    }
    const fields: Partial<Record<keyof IntegerParameters, Int32Array>> = {};
    for (const field of parameterNames)
      fields[field] = await tensor(`parameters.${name}.${field}`, Int32Array);
    parameters[name] = fields as IntegerParameters;
    if (!file.has(`units.${name}`)) continue;
    units[name] = await tensor(`units.${name}`, Float64Array);
    if (units[name].length !== neurons)
      throw bad(`the tensor units.${name} does not have one number per neuron`);
  }
  // The engine takes a list that is left out as an empty one; so do the functions of the network.
  const layers = read.layers.map((layer) => ({ ...layer, aliases: layer.aliases ?? [] }));
  const malformed = (error: unknown) =>
    error instanceof LapicqueError && !['aborted', 'too-large', 'internal'].includes(error.code)
      ? bad(error.message)
      : error;
  return { description: { ...read, layers }, tensors: { weights, parameters, units }, malformed };
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Whether JSON has the parts of a description that are read before the engine checks all of it. */
export function isIntegerDescription(value: unknown): value is IntegerDescription {
  if (!isObject(value) || !isObject(value.input) || !Array.isArray(value.layers)) return false;
  const { scale, size } = value.input;
  if (typeof size !== 'number') return false;
  if (scale !== undefined && !(typeof scale === 'number' && Number.isFinite(scale) && scale > 0))
    return false;
  return value.layers.every(
    (layer) =>
      isObject(layer) &&
      typeof layer.name === 'string' &&
      typeof layer.neurons === 'number' &&
      Array.isArray(layer.connections) &&
      layer.connections.every(
        (connection) =>
          isObject(connection) &&
          typeof connection.name === 'string' &&
          typeof connection.from === 'string' &&
          isObject(connection.projection),
      ),
  );
}

/** Bytes that the engine takes for the neurons of a description, beside the tensors of the file. */
function engineBytes({ input, layers }: IntegerDescription): number {
  const neurons = new Map(layers.map((layer) => [layer.name, layer.neurons]));
  // Numbers of the channels, both ways; of a neuron its number, parameters and state.
  let bytes = 8 * input.size;
  for (const layer of layers) {
    bytes += 64 * layer.neurons;
    // A pool has the number of each source neuron, and totals.
    for (const { from, projection } of layer.connections)
      if (projection.pool !== undefined)
        bytes += 20 * (from === 'input' ? input.size : (neurons.get(from) ?? 0));
  }
  return Math.max(0, bytes);
}
