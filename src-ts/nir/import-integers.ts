/** Reads the integer network of a NIR file that `writeNir` made of one. */
import { options as checkOptions } from '../checks/check.ts';
import { LapicqueError } from '../checks/errors.ts';
import { type FileSource, type LoadOptions, loadOptions } from '../files/file-source.ts';
import { type IntegerParameters, type IntegerTensors, parameterNames } from '../quantize/description.ts';
import { isIntegerDescription } from '../quantize/integer-file.ts';
import { builtNetwork, type IntegerNetwork } from '../quantize/integer-network.ts';
import { malformedNir } from './errors.ts';
import { exportIntegers, type IntegerMetadata, integerKey } from './export-integers.ts';
import { isNirGraph, type NirField, type NirGraph, type NirNode, type NirTensor } from './graph.ts';
import { readNirGraph } from './read-graph.ts';

/** See `readNirIntegerNetwork` in functions.ts. */
export async function readNirIntegerNetwork(
  source: FileSource,
  options: LoadOptions = {},
): Promise<IntegerNetwork> {
  const checked = checkOptions('readNirIntegerNetwork', options, loadOptions);
  const graph = await readNirGraph(source, checked);
  const { dt, description, layers, weights } = metadataOf(graph);
  const tensors: IntegerTensors = {
    weights: Object.create(null),
    parameters: Object.create(null),
    units: Object.create(null),
  };
  for (const { name, connections } of description.layers) {
    const node = nodeOf(graph, layers[name], name);
    const [parameters, units] = parametersOf(node, layers[name]!);
    Object.assign(tensors.parameters, { [name]: parameters });
    if (units.some((unit) => unit !== 1)) Object.assign(tensors.units, { [name]: units });
    for (const connection of connections) {
      const own = weights[connection.name];
      Object.assign(tensors.weights, {
        [connection.name]: integersOf(nodeOf(graph, own, connection.name), own!),
      });
    }
  }
  const { signal } = checked;
  const network = await builtNetwork(description, tensors, signal === undefined ? {} : { signal }).catch(
    (error) => {
      const isOfFile =
        error instanceof LapicqueError && !['aborted', 'too-large', 'internal'].includes(error.code);
      throw isOfFile ? malformedNir(`its integer network: ${error.message}`) : error;
    },
  );
  try {
    // Whatever the nodes say beside these integers has to be what the integers mean.
    checkEqual(exportIntegers(description, tensors, dt).graph, graph);
  } catch (error) {
    network.dispose();
    throw error;
  }
  return network;
}

function metadataOf(graph: NirGraph): IntegerMetadata {
  const text = graph.metadata.get(integerKey);
  if (typeof text !== 'string')
    throw malformedNir('it contains no integer network; use readNir to read it as a model');
  let content: Partial<IntegerMetadata> | null;
  try {
    content = JSON.parse(text);
  } catch {
    throw malformedNir(`its metadata field ${integerKey} is not JSON`);
  }
  if (content?.schema !== 1)
    throw new LapicqueError('unsupported', {
      feature: 'an integer network of a newer lapicque',
      format: 'NIR',
    });
  const { dt, description, layers, weights } = content;
  const isNames = (names: unknown): names is Record<string, string> =>
    typeof names === 'object' &&
    names !== null &&
    Object.values(names).every((name) => typeof name === 'string');
  if (
    !(typeof dt === 'number' && Number.isFinite(dt) && dt > 0) ||
    !isIntegerDescription(description) ||
    !isNames(layers) ||
    !isNames(weights)
  )
    throw malformedNir(`its metadata field ${integerKey} does not belong to an integer network`);
  return { schema: 1, dt, description, layers: ownNames(layers), weights: ownNames(weights) };
}

/** Without what objects inherit. */
function ownNames(names: Readonly<Record<string, string>>): Record<string, string> {
  return Object.assign(Object.create(null), names);
}

function nodeOf({ nodes }: NirGraph, name: string | undefined, what: string): NirNode {
  const node = name === undefined ? undefined : nodes.get(name);
  if (node === undefined || isNirGraph(node)) throw malformedNir(`there is no node of ${what}`);
  return node;
}

function numbers(field: NirField | undefined, where: string): NirTensor {
  if (field === undefined || typeof field === 'string') throw malformedNir(`${where} has no numbers`);
  return field;
}

/** The integers of weights: what they are multiples of. */
function integersOf({ fields, metadata }: NirNode, name: string): Int8Array {
  const { data } = numbers(fields.get('weight'), `${name}.weight`);
  const scale = numbers(metadata.get('weight_scale'), `${name}.weight_scale`).data;
  const width = data.length / scale.length;
  if (!Number.isInteger(width))
    throw malformedNir(`${name}.weight_scale has ${scale.length} numbers for ${data.length} weights`);
  const integers = new Int8Array(data.length);
  for (let i = 0; i < data.length; i++) {
    const unit = scale[Math.floor(i / width)]!;
    integers[i] = Math.round(data[i]! / unit);
    if (integers[i]! * unit !== data[i])
      throw malformedNir(
        `${name}.weight[${i}] is ${data[i]}, which is not a multiple of its weight_scale ${unit} by a whole number of 8 bits: another program has changed it`,
      );
  }
  return integers;
}

function parametersOf({ metadata }: NirNode, name: string): [IntegerParameters, Float64Array] {
  const read: Partial<Record<keyof IntegerParameters, Int32Array>> = {};
  for (const key of parameterNames) {
    const own = key.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
    if (key.startsWith('current') && !metadata.has(own)) {
      read[key] = new Int32Array(0);
      continue;
    }
    const { data } = numbers(metadata.get(own), `${name}.${own}`);
    read[key] = Int32Array.from(data);
    const wrong = data.findIndex((value, i) => value !== read[key]![i]);
    if (wrong >= 0)
      throw malformedNir(`${name}.${own}[${wrong}] is ${data[wrong]}, not a whole number of 32 bits`);
  }
  return [
    read as IntegerParameters,
    Float64Array.from(numbers(metadata.get('v_scale'), `${name}.v_scale`).data),
  ];
}

/** @throws LapicqueError `malformed-file`, naming the first node, field or edge that differs */
function checkEqual(expected: NirGraph, found: NirGraph): void {
  const differs = (what: string) =>
    malformedNir(`${what} differs from the integers of the metadata: another program has changed it`);
  for (const name of new Set([...expected.nodes.keys(), ...found.nodes.keys()])) {
    const [a, b] = [expected.nodes.get(name), found.nodes.get(name)];
    if (a === undefined || b === undefined || isNirGraph(a) || isNirGraph(b) || a.type !== b.type)
      throw differs(`the node ${name}`);
    for (const part of ['fields', 'metadata'] as const)
      for (const key of new Set([...a[part].keys(), ...b[part].keys()]))
        if (!isEqual(a[part].get(key), b[part].get(key))) throw differs(`${name}.${key}`);
  }
  const edges = (graph: NirGraph) => new Set(graph.edges.map(([from, to]) => JSON.stringify([from, to])));
  const [a, b] = [edges(expected), edges(found)];
  const other = [...a].find((edge) => !b.has(edge)) ?? [...b].find((edge) => !a.has(edge));
  if (other !== undefined) throw differs(`the edge ${other}`);
}

function isEqual(a: NirField | undefined, b: NirField | undefined): boolean {
  if (a === undefined || b === undefined || typeof a === 'string' || typeof b === 'string') return a === b;
  if (`${a.shape}` !== `${b.shape}`) return false;
  return a.data.every((value, i) => value === b.data[i]);
}
