/** Writes NIR files. */
import { options as checkOptions, flag, invalid, oneOf, timeStep } from '../checks/check.ts';
import { LapicqueError } from '../checks/errors.ts';
import { checkTask } from '../engine/native.ts';
import type { TaskOptions } from '../engine/task-options.ts';
import type { FileTarget } from '../files/file-source.ts';
import { type Hdf5DatasetSpec, type Hdf5Node, hdf5Dataset } from '../hdf5/describe.ts';
import type { Hdf5Type } from '../hdf5/types.ts';
import { hdf5Bytes, writeHdf5 } from '../hdf5/write.ts';
import { Model } from '../model/model.ts';
import { IntegerNetwork } from '../quantize/integer-network.ts';
import { checkGraph } from './check-graph.ts';
import { exportGraph } from './export-graph.ts';
import { exportIntegers } from './export-integers.ts';
import type { ExportedGraph } from './exported.ts';
import { isNirGraph, type NirField, type NirGraph, type NirNode } from './graph.ts';
import { maxNodes } from './nir-file.ts';
import { withOwnMetadata } from './own-metadata.ts';
import { type NirTarget, targets } from './targets.ts';

/** Options of {@link writeNir}. */
export interface WriteNirOptions extends TaskOptions {
  /**
   * The semantics that other readers may lose because NIR cannot express them: names from the error message such as `'lif1.reset'`, or a field of all layers
   * such as `'reset'`, or `true` for all. lapicque reads them back from the metadata. Default none.
   */
  lossy?: boolean | readonly string[];
  /**
   * The framework whose importer will read the file: `'snntorch'`, `'norse'`, `'spikingjelly'`, `'sinabs'` or `'rockpool'`. The file has the fields that this importer
   * reads, scaled to its arithmetic; anything that it cannot read throws an error. Default: the equations of NIR, solved by forward Euler.
   */
  for?: NirTarget;
  /** Length of a step in ms, of an integer network, which has none; default 1. */
  dt?: number;
}

/** The result of {@link writeNir}. */
export interface NirExportReport {
  /** Semantics that NIR cannot express, so the file has them only in its metadata: `lif1.reset: 'subtract'; NIR sets v to v_reset`. */
  readonly lost: readonly string[];
  /** Choices that NIR leaves open: another reader may choose differently. */
  readonly notes: readonly string[];
}

/** The NIR version of files for no framework in particular. */
const standard = '1.0.8';

/** See `writeNir` in functions.ts. */
export async function writeNir(
  target: FileTarget,
  source: Model | NirGraph | IntegerNetwork,
  options: WriteNirOptions = {},
): Promise<NirExportReport> {
  const { tree, report, task } = await prepared('writeNir', source, options);
  await writeHdf5(target, tree, task);
  return report;
}

/** See `nirBytes` in functions.ts. */
export async function nirBytes(
  source: Model | NirGraph | IntegerNetwork,
  options: WriteNirOptions = {},
): Promise<Uint8Array<ArrayBuffer>> {
  return (await nirBytesAnd(source, options)).bytes;
}

/** The bytes and the report. @internal */
export async function nirBytesAnd(
  source: Model | NirGraph | IntegerNetwork,
  options: WriteNirOptions,
): Promise<{ bytes: Uint8Array<ArrayBuffer>; report: NirExportReport }> {
  const { tree, report, task } = await prepared('nirBytes', source, options);
  return { bytes: await hdf5Bytes(tree, task), report };
}

async function prepared(who: string, source: Model | NirGraph | IntegerNetwork, options: WriteNirOptions) {
  const {
    lossy = false,
    dt,
    for: target,
    ...rest
  } = checkOptions(who, options, [...(['signal', 'onProgress', 'lossy', 'dt', 'for'] as const)]);
  if (target !== undefined) oneOf('for', target, Object.keys(targets));
  const task = checkTask(rest);
  const { graph, report } = await graphOf(source, lossy, dt, target);
  checkGraph(graph);
  refuseTooManyNodes(graph);
  const version = target === undefined ? standard : targets[target].version;
  return { tree: { version, node: treeOf(graph) }, report, task };
}

async function graphOf(
  source: Model | NirGraph | IntegerNetwork,
  lossy: boolean | readonly string[],
  dt: number | undefined,
  target: NirTarget | undefined,
): Promise<{ graph: NirGraph; report: NirExportReport }> {
  if (target !== undefined && !(source instanceof Model))
    invalid(
      'for',
      target,
      'no framework, because the source is not a model: its numbers are written as they are',
    );
  if (source instanceof IntegerNetwork) {
    const step = dt === undefined ? 1 : timeStep('dt', dt);
    const exported = exportIntegers(source.description, source.tensors, step);
    return { graph: exported.graph, report: reportOf(exported, lossy) };
  }
  if (dt !== undefined) invalid('dt', dt, 'no dt: a model has its own, and a graph is written unchanged');
  if (!(source instanceof Model)) {
    if (typeof source !== 'object' || source === null || source.type !== 'NIRGraph')
      invalid('source', source, 'a model, an integer network, or a graph such as readNirGraph returns');
    return { graph: source, report: { lost: [], notes: [] } };
  }
  const exported = await exportGraph(source, target);
  const report = reportOf(exported, lossy);
  return {
    graph: withOwnMetadata(exported.graph, await source.currentDescription(), exported.layers),
    report,
  };
}

/** @throws LapicqueError `unsupported` for semantics that are lost and are not in `lossy` */
function reportOf({ lost, notes }: ExportedGraph, lossy: boolean | readonly string[]): NirExportReport {
  refuseLoss(lost, lossy);
  return { lost: lost.map(([field, reason]) => `${field}: ${reason}`), notes };
}

function refuseLoss(lost: readonly (readonly [string, string])[], lossy: boolean | readonly string[]): void {
  if (typeof lossy === 'boolean') flag('lossy', lossy);
  else if (!Array.isArray(lossy)) invalid('lossy', lossy, 'true, false or a list of fields');
  if (lossy === true) return;
  const allowed = new Set(lossy === false ? [] : lossy);
  const refused = lost.filter(
    ([field]) => !allowed.has(field) && !allowed.has(field.slice(field.lastIndexOf('.') + 1)),
  );
  const [first] = refused;
  if (first === undefined) return;
  const fields = [...new Set(refused.map(([field]) => field.slice(field.lastIndexOf('.') + 1)))];
  const more = refused.length > 1 ? ` (and ${refused.length - 1} more)` : '';
  const message = `NIR does not support ${first[0]}: ${first[1]}${more}; set lossy: ${JSON.stringify(fields)} to write it as metadata that only lapicque reads`;
  throw new LapicqueError(
    'unsupported',
    { feature: refused.map(([field, why]) => `${field}: ${why}`).join('; '), format: 'NIR' },
    { message },
  );
}

/** A file that could not be read again is not written. @throws LapicqueError `unsupported` */
function refuseTooManyNodes(graph: NirGraph): void {
  const countOf = (node: NirNode | NirGraph): number =>
    isNirGraph(node) ? [...node.nodes.values()].reduce((sum, inner) => sum + countOf(inner), 1) : 1;
  const count = countOf(graph);
  if (count <= maxNodes) return;
  const feature = `${count} nodes: at most ${maxNodes} are written and read`;
  throw new LapicqueError('unsupported', { feature, format: 'NIR' });
}

/** A graph as HDF5 groups and datasets. */
function treeOf(graph: NirGraph): ReadonlyMap<string, Hdf5Node> {
  const nodes = new Map<string, Hdf5Node>();
  for (const [name, node] of graph.nodes) nodes.set(name, isNirGraph(node) ? treeOf(node) : nodeTree(node));
  const members = new Map<string, Hdf5Node>([
    ['type', 'NIRGraph'],
    ['nodes', nodes],
  ]);
  members.set('edges', hdf5Dataset(graph.edges.flat(), { shape: [graph.edges.length, 2], type: 'string' }));
  addMetadata(members, graph.metadata);
  return members;
}

function nodeTree(node: NirNode): ReadonlyMap<string, Hdf5Node> {
  const members = new Map<string, Hdf5Node>([['type', node.type]]);
  for (const [name, field] of node.fields) members.set(name, dataset(field));
  addMetadata(members, node.metadata);
  return members;
}

function addMetadata(members: Map<string, Hdf5Node>, metadata: ReadonlyMap<string, NirField>): void {
  if (metadata.size === 0) return;
  members.set('metadata', new Map([...metadata].map(([name, field]) => [name, dataset(field)])));
}

const whole = new Set(['int8', 'uint8', 'int16', 'uint16', 'int32', 'uint32', 'int64', 'uint64']);

function dataset(field: NirField): Hdf5DatasetSpec | string {
  if (typeof field === 'string') return field;
  const { data, shape, type } = field;
  const deflate = shape.length > 0 && data.length > 0;
  if (type === 'bool' || whole.has(type))
    return hdf5Dataset(Array.from(data), {
      shape,
      type: (type === 'bool' ? 'int64' : type) as Hdf5Type,
      deflate,
    });
  return hdf5Dataset(type === 'float32' ? Float32Array.from(data) : Float64Array.from(data), {
    shape,
    deflate,
  });
}
