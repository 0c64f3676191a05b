/** The functions for NIR files. Each loads its code at the first call, because most programs do not use NIR and `import 'lapicque'` has to be fast. */
import type { TaskOptions } from '../engine/task-options.ts';
import type { FileSource, FileTarget, LoadOptions } from '../files/file-source.ts';
import type { Model } from '../model/model.ts';
import type { IntegerNetwork } from '../quantize/integer-network.ts';
import type { NirGraphData } from './data.ts';
import type { NirGraph } from './graph.ts';
import type { NirImport, ReadNirOptions } from './import.ts';
import type { NirVerification } from './verify.ts';
import type { NirExportReport, WriteNirOptions } from './write.ts';

/**
 * Reads a NIR file as a model. Supports all nodes of NIR 1.0, subgraphs, cycles and files of every version of `nir`. NIR has continuous-time equations;
 * the framework that wrote the file determines how they are discretized, and the report lists every choice.
 *
 * @example
 * ```ts
 * const { model, report } = await readNir('network.nir');
 * console.log(report.framework, report.assumptions);
 * const { spikes } = await model.run({ x, shape: [100, 1, 12] });
 * ```
 * @param source - a path or a `file:` URL, bytes, or a stream
 * @param options - `dt` in ms, `framework`, `conventions`, `precision`
 * @returns the model, the report and the graph
 * @throws LapicqueError as {@link readNirGraph}; `unsupported` with the node's name for a feature that networks of layers do not have
 */
export async function readNir(source: FileSource, options: ReadNirOptions = {}): Promise<NirImport> {
  return await (await import('./import.ts')).readNir(source, options);
}

/**
 * Reports whether a NIR file is supported, which framework wrote it, which discretization, update order, reset and comparison the reader assumes, what is
 * implausible in it, and whether a round trip is exact. For a file that is malformed or not supported it returns a `problem` instead of throwing.
 *
 * @example
 * ```ts
 * const { supported, report, roundTrip } = await verifyNir('network.nir');
 * ```
 * @param source - a path or a `file:` URL, bytes, or a stream
 * @throws LapicqueError `io`, `invalid-parameter` and `unknown-name` for the options, `aborted`
 */
export async function verifyNir(source: FileSource, options: ReadNirOptions = {}): Promise<NirVerification> {
  return await (await import('./verify.ts')).verifyNir(source, options);
}

/**
 * Writes a model, an integer network or a graph as a NIR file of `nir` 1.0.8. The time constants are chosen so that forward Euler with the model's dt computes the same
 * values as the model. `for` writes for the importer of snnTorch, Norse, SpikingJelly, sinabs or Rockpool instead. Semantics that NIR cannot express are in metadata, which {@link readNir} reads.
 *
 * @example
 * ```ts
 * const model = await sequential(dense(12, 4), lif({ tauMem: 10, like: 'nir' })).compile();
 * await writeNir('network.nir', model);
 * ```
 * @param target - a path or a `file:` URL, whose file is replaced atomically, or a `WritableStream`
 * An integer network is written as the real numbers that its integers represent: each weight is its integer times the scale of its row, exactly. The
 * integers of
 * neurons, bits, scales and all rules are in the metadata of the nodes, and {@link readNirIntegerNetwork} reads the same integer network back.
 *
 * @param source - a model, an integer network, or a graph such as {@link readNirGraph} returns
 * @returns the semantics that are lost, and the choices left open
 * @throws LapicqueError `unsupported` for a layer without a NIR node or one that the importer of `for` does not read, and for lost semantics that are not in `lossy`; `io`; `aborted`
 */
export async function writeNir(
  target: FileTarget,
  source: Model | NirGraph | IntegerNetwork,
  options: WriteNirOptions = {},
): Promise<NirExportReport> {
  return await (await import('./write.ts')).writeNir(target, source, options);
}

/** The bytes of the NIR file that {@link writeNir} would write. @throws LapicqueError as {@link writeNir} */
export async function nirBytes(
  source: Model | NirGraph | IntegerNetwork,
  options: WriteNirOptions = {},
): Promise<Uint8Array<ArrayBuffer>> {
  return await (await import('./write.ts')).nirBytes(source, options);
}

/**
 * Reads the integer network of a NIR file that {@link writeNir} wrote: the same integers, so the same spikes. Every number of the file is checked against them.
 *
 * @param source - a path or a `file:` URL, bytes, or a stream
 * @throws LapicqueError as {@link readNirGraph}; `malformed-file` for a file without an integer network, and, with the node and field, for one that another
 * program has changed; `unsupported` for one of a newer version
 */
export async function readNirIntegerNetwork(
  source: FileSource,
  options: LoadOptions = {},
): Promise<IntegerNetwork> {
  return await (await import('./import-integers.ts')).readNirIntegerNetwork(source, options);
}

/**
 * Reads a NIR file (`nir` 0.x and 1.x) as plain data: nodes, fields, edges. Checks every node (type, fields, shapes, numbers) and every edge (existing nodes,
 * no duplicates).
 *
 * @param source - a path or a `file:` URL, bytes, or a stream
 * @returns the graph with its subgraphs
 * @throws LapicqueError `io`, `malformed-file` if it is not a NIR file; `unsupported` for an unknown node type; `invalid-parameter` for a number out of range
 * (with node, field and index) or a duplicate edge; `shape-mismatch`; `unknown-name` for an edge to a missing node; `too-large`; `aborted`
 */
export async function readNirGraph(source: FileSource, options: LoadOptions = {}): Promise<NirGraph> {
  return await (await import('./read-graph.ts')).readNirGraph(source, options);
}

/**
 * Reads recordings of a graph's nodes, as `nir.write_data` writes them.
 *
 * @param source - a path or a `file:` URL, bytes, or a stream
 * @throws LapicqueError `io`, `malformed-file`, `too-large`, `unsupported`, `aborted`
 */
export async function readNirData(source: FileSource, options: LoadOptions = {}): Promise<NirGraphData> {
  return await (await import('./data.ts')).readNirData(source, options);
}

/**
 * Writes recordings of a graph's nodes in the format that `nir.read_data` reads.
 *
 * @param target - a path or a `file:` URL, whose file is replaced atomically, or a `WritableStream`
 * @throws LapicqueError `invalid-parameter`, `shape-mismatch`, `io`, `aborted`
 */
export async function writeNirData(
  target: FileTarget,
  data: NirGraphData,
  options: TaskOptions = {},
): Promise<void> {
  return await (await import('./data.ts')).writeNirData(target, data, options);
}
