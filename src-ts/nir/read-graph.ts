/** Reads a NIR graph from an HDF5 file. Sizes are checked before memory is allocated. */
import { elementCount } from '../checks/tensor.ts';
import type { FileSource, LoadOptions } from '../files/file-source.ts';
import { openHdf5 } from '../hdf5/file.ts';
import { checkGraph } from './check-graph.ts';
import { malformedNir, shapeText } from './errors.ts';
import { isNirGraph, type NirField, type NirGraph, type NirNode } from './graph.ts';
import { isBoolean, maxLevels, NirFile, realsOf } from './nir-file.ts';
import { nodeType } from './node-types.ts';

/** See `readNirGraph` in functions.ts. */
export async function readNirGraph(source: FileSource, options: LoadOptions = {}): Promise<NirGraph> {
  using file = await openHdf5(source, options);
  const nirFile = new NirFile(file, 'NIR', options);
  const root = await nirFile.members('/');
  if (root.get('node') !== 'group') {
    if ((await nirFile.attribute('/', '__type__')) !== undefined)
      throw malformedNir('it contains NIRData, not a graph; use readNirData to read it');
    throw malformedNir('the group "node" is missing');
  }
  const version = root.get('version') === 'dataset' ? await readField(nirFile, '/version') : undefined;
  const whole = await readNode(nirFile, '/node', '', 0);
  if (!isNirGraph(whole)) throw malformedNir(`its root is a single ${whole.type}, not a NIRGraph`);
  const versioned = typeof version === 'string' ? { ...whole, version } : whole;
  checkGraph(versioned);
  return versioned;
}

async function readNode(
  file: NirFile,
  path: string,
  name: string,
  depth: number,
): Promise<NirNode | NirGraph> {
  if (depth > maxLevels) throw malformedNir(`more than ${maxLevels} levels of subgraphs at "${name}"`);
  file.countNodes(1);
  const members = await file.members(path);
  const here = name === '' ? 'the graph' : `node "${name}"`;
  if (members.get('type') !== 'dataset') throw malformedNir(`${here} has no type`);
  const type = await readField(file, `${path}/type`);
  if (typeof type !== 'string') throw malformedNir(`the type of ${here} is not a string`);
  const metadata =
    members.get('metadata') === 'group' ? await readMetadata(file, `${path}/metadata`) : new Map();
  if (type === 'NIRGraph') {
    if (members.get('nodes') !== 'group') throw malformedNir(`${here} has no group "nodes"`);
    const nodes = new Map<string, NirNode | NirGraph>();
    for (const inner of (await file.members(`${path}/nodes`)).keys()) {
      const full = name === '' ? inner : `${name}/${inner}`;
      nodes.set(inner, await readNode(file, `${path}/nodes/${inner}`, full, depth + 1));
    }
    if (members.get('edges') !== 'dataset') throw malformedNir(`${here} has no edges`);
    return { type, nodes, edges: await readEdges(file, `${path}/edges`, here), metadata };
  }
  const { fields: nodeFields } = nodeType(type, here);
  const fields = new Map<string, NirField>();
  const unknown: string[] = [];
  for (const [key, kind] of members) {
    if (key === 'type' || key === 'metadata') continue;
    if (kind !== 'dataset' || !Object.hasOwn(nodeFields, key)) unknown.push(key);
    else fields.set(key, await readField(file, `${path}/${key}`));
  }
  return { type, fields, metadata, ...(unknown.length === 0 ? {} : { unknown }) };
}

async function readMetadata(file: NirFile, path: string): Promise<Map<string, NirField>> {
  const all = new Map<string, NirField>();
  for (const [name, kind] of await file.members(path))
    if (kind === 'dataset') all.set(name, await readField(file, `${path}/${name}`));
  return all;
}

async function readEdges(file: NirFile, path: string, here: string): Promise<[string, string][]> {
  const dataset = await file.dataset(path);
  const { shape } = dataset;
  // The package nir writes an empty array of floats for a graph without edges.
  if (shape === null || elementCount(shape) === 0) return [];
  if (shape.length !== 2 || shape[1] !== 2)
    throw malformedNir(`the edges of ${here} have the shape ${shapeText(shape)}, not [edges, 2]`);
  const { values } = await file.read(dataset);
  const texts = values as readonly unknown[];
  if (!Array.isArray(texts) || !texts.every((text) => typeof text === 'string'))
    throw malformedNir(`the edges of ${here} are not strings`);
  return Array.from({ length: shape[0]! }, (_, i) => [texts[2 * i] as string, texts[2 * i + 1] as string]);
}

async function readField(file: NirFile, path: string): Promise<NirField> {
  const read = await file.read(await file.dataset(path));
  const { values, shape, type } = read;
  if (shape === null) throw malformedNir(`${path} has no value`);
  if (Array.isArray(values) && values.length === 1 && typeof values[0] === 'string') return values[0];
  const data = realsOf(read);
  if (data === undefined) throw malformedNir(`${path} has neither numbers nor a single string`);
  return { shape, data, type: typeof type === 'string' ? type : isBoolean(type) ? 'bool' : 'number' };
}
