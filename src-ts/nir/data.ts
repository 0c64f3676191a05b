/** NIRData: recordings of a graph's nodes, in the format of `nir.read_data` and `nir.write_data`. */
import { options as checkOptions, finite, invalid } from '../checks/check.ts';
import { elementCount } from '../checks/tensor.ts';
import { checkTask } from '../engine/native.ts';
import type { TaskOptions } from '../engine/task-options.ts';
import type { FileSource, FileTarget, LoadOptions } from '../files/file-source.ts';
import { type Hdf5GroupSpec, type Hdf5Node, hdf5Dataset, hdf5Group } from '../hdf5/describe.ts';
import { openHdf5 } from '../hdf5/file.ts';
import { writeHdf5 } from '../hdf5/write.ts';
import { malformedNir, shapeMismatch, shapeText } from './errors.ts';
import { isBoolean, maxLevels, NirFile, realsOf } from './nir-file.ts';

/** Values at equally spaced time steps, `[samples, steps, neurons]`; spikes are a `Uint8Array` of 0 and 1. */
export interface NirGriddedData {
  readonly kind: 'gridded';
  readonly data: Float32Array | Float64Array | Uint8Array;
  readonly shape: readonly [samples: number, steps: number, neurons: number];
  /** Length of a step in the file's time unit (seconds). */
  readonly dt: number;
}

/** Events of neurons, `[samples, events]`. Samples with fewer events are padded with `idx` -1 and infinite `time`. */
export interface NirEventData {
  readonly kind: 'events';
  readonly idx: Int32Array | Float64Array;
  readonly time: Float32Array | Float64Array;
  /** One value per event; absent for events without values. */
  readonly value?: Float32Array | Float64Array;
  readonly shape: readonly [samples: number, events: number];
  readonly neurons: number;
  /** End of the recording. */
  readonly tMax: number;
}

/** Recordings of one node by the name of the observable: `spikes`, `v`, … */
export interface NirNodeData {
  readonly kind: 'node';
  readonly observables: ReadonlyMap<string, NirGriddedData | NirEventData>;
}

/** Recordings of a graph's nodes; a node may be a subgraph. */
export interface NirGraphData {
  readonly kind: 'graph';
  readonly nodes: ReadonlyMap<string, NirNodeData | NirGraphData>;
}

class DataReader {
  readonly #file: NirFile;

  constructor(file: NirFile) {
    this.#file = file;
  }

  async graph(path: string, depth: number): Promise<NirGraphData> {
    if (depth > maxLevels) throw malformedNir(`more than ${maxLevels} levels of subgraphs at ${path}`);
    const nodes = new Map<string, NirNodeData | NirGraphData>();
    for (const name of await this.#groups(`${path}/nodes`)) {
      const inner = `${path}/nodes/${name}`;
      const type = await this.#text(inner, '__type__');
      if (type !== 'NIRNodeData' && type !== 'NIRGraphData')
        throw malformedNir(`${inner} has the type "${type}", not NIRNodeData or NIRGraphData`);
      nodes.set(name, type === 'NIRNodeData' ? await this.#node(inner) : await this.graph(inner, depth + 1));
    }
    return { kind: 'graph', nodes };
  }

  async #groups(path: string): Promise<string[]> {
    if ((await this.#file.kind(path)) !== 'group') throw malformedNir(`the group ${path} is missing`);
    const names = [...(await this.#file.members(path)).keys()];
    this.#file.countNodes(names.length);
    return names;
  }

  async #node(path: string): Promise<NirNodeData> {
    const observables = new Map<string, NirGriddedData | NirEventData>();
    for (const name of await this.#groups(`${path}/observables`)) {
      const at = `${path}/observables/${name}`;
      const type = await this.#text(at, '__type__');
      if (type === 'TimeGriddedData') observables.set(name, await this.#gridded(at));
      else if (type === 'EventData' || type === 'ValuedEventData')
        observables.set(name, await this.#events(at, type));
      else
        throw malformedNir(`${at} has the type "${type}", not TimeGriddedData, EventData or ValuedEventData`);
    }
    return { kind: 'node', observables };
  }

  async #gridded(path: string): Promise<NirGriddedData> {
    const { values, shape, isFlag } = await this.#numbers(`${path}/data`);
    if (shape.length !== 3)
      throw malformedNir(`${path}/data has the shape ${shapeText(shape)}, not [samples, steps, neurons]`);
    const data = isFlag ? Uint8Array.from(values) : values;
    return {
      kind: 'gridded',
      data,
      shape: shape as [number, number, number],
      dt: await this.#number(path, 'dt'),
    };
  }

  async #events(path: string, type: string): Promise<NirEventData> {
    const [idx, time] = [await this.#numbers(`${path}/idx`), await this.#numbers(`${path}/time`)];
    const value = type === 'ValuedEventData' ? await this.#numbers(`${path}/value`) : undefined;
    if (idx.shape.length !== 2)
      throw malformedNir(`${path}/idx has the shape ${shapeText(idx.shape)}, not [samples, events]`);
    for (const other of [time, value])
      if (other !== undefined && `${other.shape}` !== `${idx.shape}`)
        throw malformedNir(`idx, time and value of ${path} have different shapes`);
    return {
      kind: 'events',
      idx: idx.values instanceof Float32Array ? Float64Array.from(idx.values) : idx.values,
      time: time.values,
      ...(value === undefined ? {} : { value: value.values }),
      shape: idx.shape as [number, number],
      neurons: await this.#number(path, 'n_neurons'),
      tMax: await this.#number(path, 't_max'),
    };
  }

  async #numbers(path: string) {
    const read = await this.#file.read(await this.#file.dataset(path));
    const values = realsOf(read);
    if (values === undefined || read.shape === null) throw malformedNir(`${path} does not contain numbers`);
    return { values, shape: read.shape, isFlag: isBoolean(read.type) };
  }

  async #text(path: string, name: string): Promise<string> {
    const value = await this.#file.attribute(path, name);
    return typeof value === 'string' ? value : 'unknown';
  }

  async #number(path: string, name: string): Promise<number> {
    const value = await this.#file.attribute(path, name);
    const number = Number(value);
    const isExact = typeof value !== 'bigint' || Number.isSafeInteger(number);
    if (value === undefined || !Number.isFinite(number) || number < 0 || !isExact)
      throw malformedNir(`${path} has no attribute ${name} with a number of at least 0`);
    return number;
  }
}

/** See `readNirData` in functions.ts. */
export async function readNirData(source: FileSource, options: LoadOptions = {}): Promise<NirGraphData> {
  using file = await openHdf5(source, options);
  const nirFile = new NirFile(file, 'NIRData', options);
  if ((await nirFile.attribute('/', '__type__')) !== 'NIRGraphData')
    throw malformedNir('its root is not a NIRGraphData group; use readNir to read a graph');
  return await new DataReader(nirFile).graph('', 0);
}

/** See `writeNirData` in functions.ts. */
export async function writeNirData(
  target: FileTarget,
  data: NirGraphData,
  options: TaskOptions = {},
): Promise<void> {
  const task = checkTask(checkOptions('writeNirData', options, ['signal', 'onProgress']));
  if (typeof data !== 'object' || data?.kind !== 'graph') invalid('data', data, "{ kind: 'graph', nodes }");
  await writeHdf5(target, graphTree(data, 'data', 0), task);
}

function graphTree(data: NirGraphData, path: string, depth: number): Hdf5GroupSpec {
  if (depth > maxLevels)
    invalid(path, `more than ${maxLevels} levels of subgraphs`, `at most ${maxLevels} levels`);
  const nodes = new Map<string, Hdf5Node>();
  for (const [name, node] of data.nodes) {
    const at = `${path}.${name}`;
    nodes.set(name, node.kind === 'graph' ? graphTree(node, at, depth + 1) : nodeTree(node, at));
  }
  return hdf5Group({ nodes }, { __type__: 'NIRGraphData' });
}

function nodeTree({ observables }: NirNodeData, path: string): Hdf5GroupSpec {
  const all = new Map<string, Hdf5Node>();
  for (const [name, one] of observables) all.set(name, observed(one, `${path}.${name}`));
  return hdf5Group({ observables: all }, { __type__: 'NIRNodeData' });
}

function observed(one: NirGriddedData | NirEventData, path: string): Hdf5GroupSpec {
  const fits = (name: string, values: ArrayLike<number>) => {
    if (values.length !== elementCount(one.shape))
      shapeMismatch(`${path}.${name}`, shapeText(one.shape), [values.length]);
  };
  const numbers = { shape: one.shape, deflate: true } as const;
  if (one.kind === 'gridded') {
    fits('data', one.data);
    const flags = one.data instanceof Uint8Array;
    const data = flags
      ? hdf5Dataset(
          Array.from(one.data, (x) => x !== 0),
          { shape: one.shape, type: 'bool' },
        )
      : hdf5Dataset(one.data, numbers);
    return hdf5Group({ data }, { __type__: 'TimeGriddedData', dt: finite(`${path}.dt`, one.dt, { min: 0 }) });
  }
  fits('idx', one.idx);
  fits('time', one.time);
  const members: Record<string, Hdf5Node> = {
    idx: hdf5Dataset(Array.from(one.idx), { ...numbers, type: 'int64' }),
    time: hdf5Dataset(one.time, numbers),
  };
  if (one.value !== undefined) {
    fits('value', one.value);
    members.value = hdf5Dataset(one.value, numbers);
  }
  return hdf5Group(members, {
    __type__: one.value === undefined ? 'EventData' : 'ValuedEventData',
    n_neurons: hdf5Dataset(BigInt64Array.of(BigInt(one.neurons)), { shape: [] }),
    t_max: finite(`${path}.tMax`, one.tMax, { min: 0 }),
  });
}
