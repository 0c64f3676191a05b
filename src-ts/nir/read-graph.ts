/** From an HDF5 file to a NIR graph, every size compared with the file before memory is taken. */
import { LapicqueError } from '../checks/errors.ts';
import { elementCount } from '../checks/tensor.ts';
import type { FileSource, LoadOptions } from '../files/file-source.ts';
import { Allowance, limitOf } from '../files/limits.ts';
import { type Hdf5Dataset, type Hdf5File, openHdf5 } from '../hdf5/file.ts';
import type { Hdf5Data } from '../hdf5/types.ts';
import { checkGraph } from './check-graph.ts';
import { isNirGraph, type NirField, type NirGraph, type NirNode } from './graph.ts';
import { nodeTypes } from './node-types.ts';

/** Graphs within graphs. */
const deepest = 64;
/** Nodes of a file; describing a network is recursive. */
const most = 4096;
/** What may be taken whatever the size of the file where no limit is given, bytes: half of 64 MB, since what is read is copied. */
const usual = 2 ** 25;

/** What reading may still take. */
interface Budget {
  readonly bytes: Allowance;
  nodes: number;
  readonly file: Hdf5File;
  readonly signal: AbortSignal | undefined;
}

/** Why a file is none of NIR. */
export function notNir(reason: string): LapicqueError {
  return new LapicqueError('malformed-file', { format: 'NIR', offset: 0, reason });
}

/**
 * Reads a NIR file (`nir` 0.x and 1.x) as plain data: nodes, fields, edges. Every node is checked: its type, its fields, their shapes and numbers; every edge
 * leads from a node to a node and stands once.
 *
 * @param source - a path or a `file:` URL, bytes, or a stream
 * @returns the graph, subgraphs within it as they are in the file
 * @throws LapicqueError `io`, `malformed-file` for what is no NIR file; `unsupported` for an unknown node type; `invalid-parameter` for a number out of range
 * (named by node, field and index), a duplicate edge; `shape-mismatch`; `unknown-name` for an edge to a node that is not there; `too-large`; `aborted`
 */
export async function readNirGraph(source: FileSource, options: LoadOptions = {}): Promise<NirGraph> {
  using file = await openHdf5(source, options);
  const { signal } = options;
  const limit = options.limits === undefined ? usual : limitOf(options.limits);
  const budget: Budget = { bytes: new Allowance(limit, file.size), nodes: most, file, signal };
  const root = await names(budget, '/');
  if (root.get('node') !== 'group') {
    const attributes = await file.attributes('/', own(signal));
    if (attributes.get('__type__') !== undefined)
      throw notNir('it holds NIRData, not a graph; readNirData reads it');
    throw notNir('there is no group "node"');
  }
  const version = root.get('version') === 'dataset' ? await field(budget, '/version') : undefined;
  const whole = await readNode(budget, '/node', '', 0);
  if (!isNirGraph(whole)) throw notNir(`its root is a single ${whole.type}, not a NIRGraph`);
  const versioned = typeof version === 'string' ? { ...whole, version } : whole;
  checkGraph(versioned);
  return versioned;
}

function own(signal: AbortSignal | undefined) {
  return signal === undefined ? {} : { signal };
}

async function names(budget: Budget, path: string): Promise<Map<string, string>> {
  const members = await budget.file.members(path, own(budget.signal));
  return new Map(members.map(({ name, kind }) => [name, kind]));
}

async function readNode(
  budget: Budget,
  path: string,
  name: string,
  depth: number,
): Promise<NirNode | NirGraph> {
  if (depth > deepest) throw notNir(`more than ${deepest} graphs within each other at "${name}"`);
  if (budget.nodes-- <= 0) throw notNir(`more than ${most} nodes`);
  const members = await names(budget, path);
  const here = name === '' ? 'the graph' : `node "${name}"`;
  if (members.get('type') !== 'dataset') throw notNir(`${here} has no type`);
  const type = await field(budget, `${path}/type`);
  if (typeof type !== 'string') throw notNir(`the type of ${here} is no text`);
  const metadata =
    members.get('metadata') === 'group' ? await readMetadata(budget, `${path}/metadata`) : new Map();
  if (type === 'NIRGraph') {
    if (members.get('nodes') !== 'group') throw notNir(`${here} has no group "nodes"`);
    const nodes = new Map<string, NirNode | NirGraph>();
    for (const inner of (await names(budget, `${path}/nodes`)).keys()) {
      const full = name === '' ? inner : `${name}/${inner}`;
      nodes.set(inner, await readNode(budget, `${path}/nodes/${inner}`, full, depth + 1));
    }
    if (members.get('edges') !== 'dataset') throw notNir(`${here} has no edges`);
    return { type, nodes, edges: await readEdges(budget, `${path}/edges`, here), metadata };
  }
  const known = Object.hasOwn(nodeTypes, type) ? nodeTypes[type] : undefined;
  if (known === undefined) {
    const all = Object.keys(nodeTypes).join(', ');
    throw new LapicqueError('unsupported', {
      feature: `the node type "${type}" of ${here} (known are ${all}, NIRGraph)`,
      format: 'this reader of NIR',
    });
  }
  const fields = new Map<string, NirField>();
  const unknown: string[] = [];
  for (const [key, kind] of members) {
    if (key === 'type' || key === 'metadata') continue;
    if (kind !== 'dataset' || !Object.hasOwn(known, key)) unknown.push(key);
    else fields.set(key, await field(budget, `${path}/${key}`));
  }
  return { type, fields, metadata, ...(unknown.length === 0 ? {} : { unknown }) };
}

async function readMetadata(budget: Budget, path: string): Promise<Map<string, NirField>> {
  const all = new Map<string, NirField>();
  for (const [name, kind] of await names(budget, path))
    if (kind === 'dataset') all.set(name, await field(budget, `${path}/${name}`));
  return all;
}

async function readEdges(budget: Budget, path: string, here: string): Promise<[string, string][]> {
  const dataset = await budget.file.dataset(path, own(budget.signal));
  const { shape } = dataset;
  // A graph without edges is written as an empty array of floats.
  if (shape === null || elementCount(shape) === 0) return [];
  if (shape.length !== 2 || shape[1] !== 2)
    throw notNir(`the edges of ${here} have the shape [${shape.join(', ')}], not [edges, 2]`);
  const { values } = await readWithin(budget, dataset);
  const texts = values as readonly unknown[];
  if (!Array.isArray(texts) || !texts.every((text) => typeof text === 'string'))
    throw notNir(`the edges of ${here} are no names`);
  return Array.from({ length: shape[0]! }, (_, i) => [texts[2 * i] as string, texts[2 * i + 1] as string]);
}

/** Reads a dataset once its size fits what is left. */
async function readWithin(budget: Budget, dataset: Hdf5Dataset): Promise<Hdf5Data> {
  budget.bytes.take('the content of the NIR file', 8 * elementCount(dataset.shape ?? []));
  return dataset.read({ ...own(budget.signal), int64: 'number' });
}

async function field(budget: Budget, path: string): Promise<NirField> {
  const dataset = await budget.file.dataset(path, own(budget.signal));
  const { values, shape, type } = await readWithin(budget, dataset);
  if (shape === null) throw notNir(`${path} has no value`);
  if (Array.isArray(values) && values.length === 1 && typeof values[0] === 'string') return values[0];
  const isBool = type === 'bool' || (typeof type === 'object' && 'enum' in type);
  if (!ArrayBuffer.isView(values)) throw notNir(`${path} holds neither numbers nor a text`);
  const data =
    values instanceof Float32Array || values instanceof Float64Array
      ? values
      : Float64Array.from(values as unknown as ArrayLike<number>, Number);
  return { shape, data, type: typeof type === 'string' ? type : isBool ? 'bool' : 'number' };
}
