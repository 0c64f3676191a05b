/** A large network as data: what its elements say, collected for the engine and for files. */
import { invalid } from '../check.ts';
import type { Model } from '../model.ts';
import { isKind } from '../typed.ts';
import { type Cells, type NeuronsSpec, type Presynaptic, rangeOf, type SpikeSource, whole } from './cells.ts';
import { fromModel, type ModelOfOptions, toModel } from './conversion.ts';
import { type SynapseValues, type Values, valuesOf } from './distribution.ts';
import type { Connection, NetworkElement, Recorder } from './elements.ts';
import type { GapJunctions } from './gap-junctions.ts';
import type { Layout } from './layout.ts';
import { jsonOf, readNetwork, writeNetwork } from './network-file.ts';
import type { Rule } from './rule.ts';
import { type CompileOptions, compile } from './simulate.ts';
import type { Simulation } from './simulation.ts';

/** The version of {@link CircuitDescription}; a newer one is refused. */
const version = 1;

/** A network as plain data, the content of a network file. Units: ms, mV, pA, nS, Hz. */
export interface CircuitDescription {
  readonly version: number;
  /** Time step in ms of its simulations, unless they are told another; default 0.1. */
  readonly dt?: number;
  readonly populations: readonly {
    readonly name: string;
    readonly size: number;
    /** As a layer has it: `{ model, params, options }`. */
    readonly neuron: object;
    readonly initial?: Readonly<Record<string, Values>>;
    readonly layout?: Layout;
    /** How a parameter moves with rates, see `IntrinsicPlasticity`. */
    readonly intrinsic?: object;
  }[];
  readonly sources?: readonly {
    readonly name: string;
    readonly trains: readonly ArrayLike<number>[];
    readonly layout?: Layout;
  }[];
  readonly connections?: readonly {
    /** Of a population or source, and of a population. */
    readonly from: NeuronsSpec;
    readonly to: NeuronsSpec;
    readonly rule: { readonly kind: string } & object;
    readonly weight: SynapseValues;
    readonly delay: SynapseValues;
    readonly port?: string;
    readonly autapses?: boolean;
    readonly multapses?: boolean;
    /** How synapses change: `{ model, params, options }`. */
    readonly synapse?: object;
    /** How synapses come and go, see `StructuralPlasticity`. */
    readonly structural?: object;
    /** The population or source whose spikes modulate the rule. */
    readonly modulator?: string;
  }[];
  /** `{ kind: 'poisson' | 'normal' | 'current', to, port?, … }` */
  readonly inputs?: readonly object[];
  /** Gap junctions: `{ from, to, rule, conductance, multapses?, port?, symmetric? }` */
  readonly gaps?: readonly object[];
  readonly record?: {
    /** Neurons whose spikes are kept; all when left out. */
    readonly spikes?: readonly NeuronsSpec[];
    readonly traces?: readonly {
      readonly population: string;
      readonly state: string;
      readonly every?: number;
      readonly neurons?: readonly number[];
    }[];
    /** Connections by their number, and the ms between two readings. */
    readonly weights?: readonly { readonly connection: number; readonly every: number }[];
  };
}

/** A large network before it is built. Made by {@link network}. */
export class Circuit {
  readonly description: CircuitDescription;
  readonly #names: ReadonlyMap<Cells | SpikeSource, string>;

  /** @internal */
  constructor(description: CircuitDescription, names: ReadonlyMap<Cells | SpikeSource, string> = new Map()) {
    this.description = description;
    this.#names = names;
    Object.freeze(this);
  }

  /**
   * Draws the wiring and puts the neurons at their start.
   *
   * @throws LapicqueError `unknown-name`, `invalid-parameter`, `shape-mismatch` with the path of what is wrong; `too-large`
   * before anything is built
   */
  compile(options: CompileOptions = {}): Promise<Simulation> {
    return compile(this.description, options, this.#names);
  }

  /**
   * Writes the network to a `.safetensors` file, atomically: the description with its version as metadata, long lists as
   * tensors. {@link loadNetwork} and `lapicque simulate` read it.
   *
   * @throws LapicqueError `io`
   */
  save(path: string | URL): Promise<void> {
    return writeNetwork(path, this.description);
  }

  /**
   * A model to train: each population a layer, the synapses between two of them a dense projection. The one source of spike
   * trains is the input. A population's synapses onto itself take one step; all others as long as layers: a population sees
   * the input at one time. A current that lasts from that time on is a bias. A layer begins when its input does, a
   * population at 0: spikes are the same where neurons do not move before.
   *
   * @throws LapicqueError `unsupported` for what layers cannot say: other delays, cycles of populations, other inputs, states at
   * the start, parameters that move, plastic synapses, neurons with several inputs
   */
  toModel(options: ModelOfOptions = {}): Promise<Model> {
    return toModel(this, options);
  }

  /** The description with lists in place of typed arrays; {@link networkOf} reads it. */
  toJSON(): CircuitDescription {
    return JSON.parse(jsonOf(this.description)) as CircuitDescription;
  }
}

/**
 * A network of populations, connections, inputs and recorders, in any order. Populations are numbered in the order in which
 * they are first mentioned: a neuron's id is its place among all neurons.
 *
 * @example
 * ```ts
 * const E = population(iafPscExp, 800, { name: 'E', tauMem: 20 });
 * const I = population(iafPscExp, 200, { name: 'I', tauMem: 20 });
 * const balanced = network(
 *   E, I,
 *   connect(E, E, rule.fixedInDegree(80), { weight: 20, delay: 1.5 }),
 *   connect(E, I, rule.fixedInDegree(80), { weight: 20, delay: 1.5 }),
 *   connect(I, E, rule.fixedInDegree(20), { weight: -100, delay: 1.5 }),
 *   connect(I, I, rule.fixedInDegree(20), { weight: -100, delay: 1.5 }),
 *   connect(poisson(8000), E, { weight: 20 }),
 *   connect(poisson(8000), I, { weight: 20 }),
 * );
 * const { times, ids } = await simulate(balanced, { duration: 1000, dt: 0.1, seed: 1 });
 * ```
 * @throws LapicqueError `invalid-parameter` for what is no element, and for a state that is recorded twice
 */
export function network(...elements: readonly (NetworkElement | readonly NetworkElement[])[]): Circuit {
  const writer = new Writer(elements.flat() as NetworkElement[]);
  return new Circuit(writer.description(), writer.names);
}

/**
 * A trained model as a circuit: layers of neurons become populations of the same names, weights of dense and one-to-one
 * projections synapses, biases currents. A layer's spikes at step `t` of the model (from 0) are those of its population at
 * `(t + 1 + depth) * dt` ms, where the first layer has the depth 1 and `trains` spike at `(t + 1) * dt`: what layers do within a
 * step takes circuits one. To get the same spikes compile it with the model's `dt`, and both in f64. All populations begin at
 * 0: neurons that move without input, such as `izhikevich` or those whose `vInit` is not where they rest, have moved by
 * `depth` steps when the input comes, and noise is drawn anew. What `gradedSpikes` make a spike worth goes into the weights.
 *
 * @example
 * ```ts
 * const circuit = await network.fromModel(model, spikeSource([[1, 5], [2]]));
 * const { times, ids } = await simulate(circuit, { duration: 100, dt: 1, precision: 'f64' });
 * ```
 * @param trains - one for each input of the model
 * @throws LapicqueError `unsupported` for convolutions, normalisation and other layers that circuits do not have; when it is
 * compiled, for layers between others that do not spike or whose spikes have several levels
 */
network.fromModel = (model: Model, trains: SpikeSource): Promise<Circuit> => fromModel(model, trains);

/**
 * A network from its description, as a file has it.
 *
 * @throws LapicqueError `invalid-parameter` for what is no description or one of a newer version; what it says is checked
 * when it is compiled
 */
export function networkOf(description: CircuitDescription): Circuit {
  if (typeof description !== 'object' || description === null || !Array.isArray(description.populations)) {
    invalid('network', description, 'a description with populations');
  }
  if (description.version !== version) {
    invalid('network.version', description.version, `${version}, the one that this release reads`);
  }
  return new Circuit(description);
}

/**
 * Reads a network that {@link Circuit.save} wrote.
 *
 * @throws LapicqueError `malformed-file` for another file, `io`; what it says is checked when it is compiled
 */
export async function loadNetwork(path: string | URL): Promise<Circuit> {
  return networkOf(await readNetwork(path));
}

/** Populations and sources that an element mentions. */
function mentioned(name: string, element: NetworkElement): readonly (Cells | SpikeSource)[] {
  switch (element?.element) {
    case 'population':
    case 'spike-source':
      return [element];
    case 'connection': {
      const { modulator } = element.synapse;
      return [whole(element.from), whole(element.to), ...(modulator === undefined ? [] : [modulator])];
    }
    case 'input':
      return [whole(element.to)];
    case 'gap-junctions':
      return [whole(element.from), whole(element.to)];
    case 'record-traces':
      return [whole(element.population)];
    case 'record-spikes':
      return element.populations.map(whole);
    case 'record-weights':
      return [];
    default:
      return invalid(name, element, 'a population, a source, connect(…) or record.…(…)');
  }
}

class Writer {
  readonly names = new Map<Cells | SpikeSource, string>();
  readonly #cells: Cells[] = [];
  readonly #sources: SpikeSource[] = [];
  readonly #elements: readonly NetworkElement[];

  constructor(elements: readonly NetworkElement[]) {
    this.#elements = elements;
    elements.forEach((element, i) => {
      for (const node of mentioned(`network[${i}]`, element)) this.#add(node);
    });
  }

  /** Names it, the first time. */
  #add(node: Cells | SpikeSource): void {
    if (this.names.has(node)) return;
    const isSource = node.element === 'spike-source';
    const kind = isSource ? 'source' : node.neuron.model;
    const number = isSource ? this.#sources.push(node) : this.#cells.push(node);
    this.names.set(node, node.name ?? `${kind}${number}`);
  }

  #name(node: Cells | SpikeSource): string {
    return this.names.get(node)!;
  }

  #neurons(node: Presynaptic): NeuronsSpec {
    const of = whole(node);
    const name = this.#name(of);
    return of === node ? name : { of: name, ...rangeOf(node) };
  }

  description(): CircuitDescription {
    const connections = this.#elements.filter((element) => element.element === 'connection');
    const inputs = this.#elements.filter((element) => element.element === 'input');
    const gaps = this.#elements.filter((element) => element.element === 'gap-junctions');
    return Object.freeze({
      version,
      populations: this.#cells.map((cells) => ({
        name: this.#name(cells),
        size: cells.size,
        neuron: cells.neuron,
        initial: cells.initial,
        ...(cells.layout === undefined ? {} : { layout: cells.layout }),
        ...(cells.intrinsic === undefined ? {} : { intrinsic: cells.intrinsic }),
      })),
      sources: this.#sources.map((source) => ({
        name: this.#name(source),
        trains: source.trains,
        ...(source.layout === undefined ? {} : { layout: source.layout }),
      })),
      connections: connections.map((connection) => this.#connection(connection)),
      inputs: inputs.map((input) => this.#input(input)),
      ...(gaps.length === 0 ? {} : { gaps: gaps.map((gap) => this.#gap(gap)) }),
      record: this.#record(connections),
    });
  }

  #connection({ from, to, rule, synapse }: Connection & { element: 'connection' }) {
    const { autapses, multapses, ...pairs } = rule as Rule;
    const { model, modulator, ...values } = synapse;
    return {
      from: this.#neurons(from),
      to: this.#neurons(to),
      rule: pairs,
      ...(autapses === undefined ? {} : { autapses }),
      ...(multapses === undefined ? {} : { multapses }),
      ...values,
      ...(model === undefined ? {} : { synapse: model }),
      ...(modulator === undefined ? {} : { modulator: this.#name(modulator) }),
    };
  }

  #input({ from, to, weight, port }: Connection & { element: 'input' }): object {
    const { element, ...device } = from;
    const kind = element === 'noise' ? 'normal' : element;
    return {
      kind,
      to: this.#neurons(to),
      ...device,
      ...(weight === undefined ? {} : { weight }),
      ...(port === undefined ? {} : { port }),
    };
  }

  #gap({ element: _, from, to, rule, ...options }: GapJunctions): object {
    const { autapses: __, multapses, ...pairs } = rule;
    return {
      from: this.#neurons(from),
      to: this.#neurons(to),
      rule: pairs,
      ...(multapses === undefined ? {} : { multapses }),
      ...options,
    };
  }

  #record(connections: readonly NetworkElement[]): NonNullable<CircuitDescription['record']> {
    const recorders = this.#elements.filter((element): element is Recorder =>
      element.element.startsWith('record-'),
    );
    const spikes = recorders.filter((recorder) => recorder.element === 'record-spikes');
    const all = spikes.length === 0 || spikes.some(({ populations }) => populations.length === 0);
    const chosen = new Set(spikes.flatMap(({ populations }) => populations));
    const traces = recorders
      .filter((recorder) => recorder.element === 'record-traces')
      .flatMap(({ population, states, every, neurons }) =>
        states.map((state) => ({
          population: this.#name(whole(population)),
          state,
          ...(every === undefined ? {} : { every }),
          ...(neurons === undefined ? {} : { neurons }),
        })),
      );
    const seen = new Set<string>();
    for (const { population, state } of traces) {
      const name = `${population}.${state}`;
      if (seen.has(name)) invalid('record.traces', name, 'each state of a population once');
      seen.add(name);
    }
    const weights = recorders
      .filter((recorder) => recorder.element === 'record-weights')
      .map(({ connection, every }) => {
        const number = connections.indexOf(connection);
        if (number < 0) invalid('record.weights', connection, 'a connection of the network');
        return { connection: number, every };
      });
    return {
      ...(all ? {} : { spikes: [...chosen].map((cells) => this.#neurons(cells)) }),
      traces,
      ...(weights.length === 0 ? {} : { weights }),
    };
  }
}

/** A list of numbers as the engine takes it beside the JSON; nothing where it is another value. */
function listed(values: unknown): Float64Array | undefined {
  if (isKind(values, Float64Array)) return values;
  const isNumbers = isKind(values, Float32Array) || (Array.isArray(values) && values.every(Number.isFinite));
  return isNumbers && values.length > 1 ? Float64Array.from(values) : undefined;
}

/** The same of all the values by name, which get empty lists in their place. */
function beside<T>(values: T, take: (name: string, list: Float64Array) => void): T | Record<string, unknown> {
  if (typeof values !== 'object' || values === null) return values;
  const short = Object.entries(values).map(([name, value]) => {
    const list = listed(value);
    if (list === undefined) return [name, value];
    take(name, list);
    return [name, []];
  });
  return Object.fromEntries(short);
}

/** The description for the engine: what is long in connections and for each neuron goes beside the JSON. @internal */
export function forEngine(description: CircuitDescription, dt: number) {
  const { version: _, ...parts } = description;
  const lists: { connection: number; [key: string]: number | Float64Array | Uint32Array }[] = [];
  const given = parts.connections ?? [];
  if (!Array.isArray(given)) invalid('network.connections', given, 'a list of connections');
  const connections = given.map((connection: NonNullable<typeof parts.connections>[number], i) => {
    if (typeof connection?.rule !== 'object' || connection.rule === null)
      invalid(`network.connections[${i}]`, connection, 'a connection with a rule');
    const own: (typeof lists)[number] = { connection: i };
    const { weight, delay, rule } = connection;
    const numbers = (name: 'weight' | 'delay', values: SynapseValues): SynapseValues => {
      const checked = Array.isArray(values) ? valuesOf(`connections[${i}].${name}`, values) : values;
      if (!ArrayBuffer.isView(checked)) return checked;
      own[name] = checked as Float64Array;
      return [];
    };
    const short = { ...connection, weight: numbers('weight', weight), delay: numbers('delay', delay) };
    const { sources, targets } = rule as Rule;
    if (isKind(sources, Uint32Array) && isKind(targets, Uint32Array)) {
      Object.assign(own, { sources, targets });
      short.rule = { ...rule, sources: [], targets: [] } as never;
    }
    if (Object.keys(own).length > 1) lists.push(own);
    return short;
  });
  const neurons: { population: number; kind: string; name: string; values: Float64Array }[] = [];
  const populations = parts.populations.map((population, i) => {
    if (typeof population !== 'object' || population === null) return population;
    const { neuron, initial } = population as { neuron?: { params?: unknown }; initial?: unknown };
    const take = (kind: string) => (name: string, values: Float64Array) => {
      neurons.push({ population: i, kind, name, values });
    };
    return {
      ...population,
      ...(neuron?.params === undefined
        ? {}
        : { neuron: { ...neuron, params: beside(neuron.params, take('params')) } }),
      ...(initial === undefined ? {} : { initial: beside(initial, take('initial')) }),
    };
  });
  const json = jsonOf({ ...parts, dt, populations, connections });
  return { json, lists, neurons };
}
