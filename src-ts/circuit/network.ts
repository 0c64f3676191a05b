/** A large network as data: what its elements say, collected for the engine and for files. */
import { options as checkOptions, invalid, text, unknownName } from '../checks/check.ts';
import type { TaskOptions } from '../engine/native.ts';
import { type FileSource, type FileTarget, type LoadOptions, loadOptions } from '../files/file-source.ts';
import type { Model } from '../model/model.ts';
import { fromModel, type ModelOfOptions, toModel } from './conversion.ts';
import {
  type Cells,
  type NeuronsSpec,
  type Presynaptic,
  rangeOf,
  type SpikeSource,
  sliceable,
  whole,
} from './elements/cells.ts';
import type { SynapseValues, Values } from './elements/distribution.ts';
import type { Connection, NetworkElement } from './elements/elements.ts';
import type { GapJunctions } from './elements/gap-junctions.ts';
import type { Layout } from './elements/layout.ts';
import type { LfpOptions, Recorder } from './elements/recorders.ts';
import type { Rule } from './elements/rule.ts';
import { networkBytes, readNetwork, withoutTypedArrays, writeNetwork } from './network-file.ts';
import { recorded } from './record-description.ts';
import { type CompileOptions, compile, type EstimateOptions, estimate } from './simulate.ts';
import type { Simulation } from './simulation.ts';
import type { CircuitEstimate } from './storage.ts';

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
    /** By which axes of a sweep find it; several may share one. */
    readonly name?: string;
    /** Of a population or source, and of a population. */
    readonly from: NeuronsSpec;
    readonly to: NeuronsSpec;
    readonly rule: { readonly kind: string } & object;
    readonly weight: SynapseValues;
    readonly delay: SynapseValues;
    /** How much of the delays is the dendrite's, in ms. */
    readonly dendriticDelay?: number;
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
  /** `{ kind: 'poisson' | 'normal' | 'current', name?, to, port?, … }` */
  readonly inputs?: readonly object[];
  /** Gap junctions and graded synapses: `{ from, to, rule, conductance, autapses?, multapses?, port?, symmetric?, state? }` */
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
    /** Means of expressions over neurons, by their names in a recording. */
    readonly means?: readonly {
      readonly name: string;
      readonly of: NeuronsSpec;
      readonly value: string;
      readonly every?: number;
    }[];
    /** Proxies of the local field potential, see `record.lfp`. */
    readonly fields?: readonly ({ readonly name: string; readonly of: NeuronsSpec } & Readonly<
      Omit<LfpOptions, 'name'>
    >)[];
  };
}

/**
 * Elements of a network that may be spoken of again: by their names, and connections and inputs in the order of the description.
 *
 * @internal
 */
export interface Parts {
  readonly names: Map<Cells | SpikeSource, string>;
  /** Of those that are only described nothing is there. */
  readonly connections: readonly (Connection | undefined)[];
  readonly inputs: readonly (Connection | undefined)[];
}

function populationOf({
  name,
  size,
  neuron,
  initial = {},
  layout,
  intrinsic,
}: CircuitDescription['populations'][number]): Cells {
  return sliceable<Cells>({
    element: 'population',
    name,
    size,
    neuron: neuron as Cells['neuron'],
    initial,
    ...(layout === undefined ? {} : { layout }),
    ...(intrinsic === undefined ? {} : { intrinsic: intrinsic as NonNullable<Cells['intrinsic']> }),
  });
}

function sourceOf({ name, trains, layout }: NonNullable<CircuitDescription['sources']>[number]): SpikeSource {
  return sliceable<SpikeSource>({
    element: 'spike-source',
    name,
    trains: trains.map((train) => Float64Array.from(train)),
    ...(layout === undefined ? {} : { layout }),
  });
}

/** A large network before it is built. Made by {@link network}. */
export class Circuit {
  readonly description: CircuitDescription;
  /** What it was made of, as far as it was not described. */
  readonly #parts: Parts;

  /** @internal */
  constructor(
    description: CircuitDescription,
    parts: Parts = { names: new Map(), connections: [], inputs: [] },
  ) {
    this.description = description;
    this.#parts = parts;
    Object.freeze(this);
  }

  /**
   * A population by its name, to connect, record or stimulate it in a larger network: `network(circuit, …)`.
   *
   * @example
   * ```ts
   * const { network: cortex } = networks.microcircuit({ scale: 0.1 });
   * const thalamus = poisson({ times: [700, 710], values: [15 * 90, 0] });
   * const pulsed = network(cortex, connect(thalamus, cortex.population('L4E'), { weight: 87.8 }));
   * ```
   * @throws LapicqueError `unknown-name`
   */
  population(name: string): Cells {
    return this.#node('population', text('name', name), this.description.populations, populationOf);
  }

  /**
   * A source of spike trains by its name, as {@link Circuit.population}.
   *
   * @throws LapicqueError `unknown-name`
   */
  source(name: string): SpikeSource {
    return this.#node('source', text('name', name), this.description.sources ?? [], sourceOf);
  }

  #node<T extends Cells | SpikeSource, D extends { readonly name: string }>(
    kind: string,
    name: string,
    all: readonly D[],
    made: (described: D) => T,
  ): T {
    const described = all.find((one) => one.name === name);
    if (described === undefined)
      throw unknownName(
        kind,
        name,
        all.map((one) => one.name),
      );
    const { names } = this.#parts;
    const known = [...names].find(([, of]) => of === name)?.[0];
    const node = (known as T | undefined) ?? made(described);
    names.set(node, name);
    return node;
  }

  /** @internal */
  parts(): Parts {
    for (const { name } of this.description.populations) this.population(name);
    for (const { name } of this.description.sources ?? []) this.source(name);
    return this.#parts;
  }

  /**
   * Draws the wiring and puts the neurons at their start.
   *
   * @throws LapicqueError `unknown-name`, `invalid-parameter`, `shape-mismatch` with the path of what is wrong; `too-large`
   * before anything is built
   */
  compile(options: CompileOptions = {}): Promise<Simulation> {
    return compile(this.description, options, this.#parts);
  }

  /**
   * What a simulation of the network takes, of which nothing is built: memory, and how the synapses of each connection are stored.
   *
   * @throws LapicqueError `unknown-name`, `invalid-parameter`, `shape-mismatch` with the path of what is wrong
   */
  estimate(options: EstimateOptions = {}): Promise<CircuitEstimate> {
    return estimate(this.description, options);
  }

  /**
   * Writes the network to a `.safetensors` file, atomically: the description with its version as metadata, long lists as
   * tensors. {@link loadNetwork} and `lapicque simulate` read it.
   *
   * @param target - a path or a `file:` URL, or a `WritableStream`; {@link Circuit.toBytes} gives bytes
   * @throws LapicqueError `io`, `aborted`
   */
  async save(target: FileTarget, options: TaskOptions = {}): Promise<void> {
    const task = checkOptions('save', options, ['signal', 'onProgress']);
    await writeNetwork(target, this.description, task);
  }

  /** The bytes of the file that {@link Circuit.save} writes. @throws LapicqueError `too-large`, `aborted` */
  async toBytes(options: TaskOptions = {}): Promise<Uint8Array<ArrayBuffer>> {
    return networkBytes(this.description, checkOptions('toBytes', options, ['signal', 'onProgress']));
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
    return withoutTypedArrays(this.description) as CircuitDescription;
  }
}

/**
 * A network of populations, connections, inputs and recorders, in any order. Populations are numbered in the order in which
 * they are first mentioned: a neuron's id is its place among all neurons. A network among the elements becomes a part of this one,
 * with its recorders; it comes first, whatever its place, and {@link Circuit.population} has its populations.
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
export function network(
  ...elements: readonly (NetworkElement | Circuit | readonly (NetworkElement | Circuit)[])[]
): Circuit {
  const writer = new Writer(elements.flat() as (NetworkElement | Circuit)[]);
  return new Circuit(writer.description(), writer);
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
 * @param source - a path or a `file:` URL, the bytes of a file, or a stream of them
 * @param options - `limits`: what it may take in memory
 * @throws LapicqueError `malformed-file` for another file, `too-large`, `io`, `aborted`; what it says is checked when it is compiled
 */
export async function loadNetwork(source: FileSource, options: LoadOptions = {}): Promise<Circuit> {
  return networkOf(await readNetwork(source, checkOptions('loadNetwork', options, loadOptions)));
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
    case 'record-means':
    case 'record-lfp':
      return [whole(element.population)];
    case 'record-spikes':
      return element.populations.map(whole);
    case 'record-weights':
      return [];
    default:
      return invalid(name, element, 'a population, a source, connect(…), record.…(…) or a network(…)');
  }
}

class Writer implements Parts {
  readonly names = new Map<Cells | SpikeSource, string>();
  readonly connections: (Connection | undefined)[] = [];
  readonly inputs: (Connection | undefined)[] = [];
  readonly #cells: Cells[] = [];
  readonly #sources: SpikeSource[] = [];
  readonly #elements: readonly NetworkElement[];
  /** Networks that become parts of this one. */
  readonly #circuits: readonly Circuit[];

  constructor(given: readonly (NetworkElement | Circuit)[]) {
    const isCircuit = (element: unknown): element is Circuit => element instanceof Circuit;
    this.#circuits = given.filter(isCircuit);
    this.#elements = given.filter((element): element is NetworkElement => !isCircuit(element));
    const again = given.findIndex((element, i) => isCircuit(element) && given.indexOf(element) < i);
    if (again >= 0) invalid(`network[${again}]`, given[again], 'each network once');
    for (const circuit of this.#circuits) {
      const { names, connections, inputs } = circuit.parts();
      for (const [node, name] of names) {
        const known = this.names.get(node) ?? name;
        // The part's own connections go by its names.
        if (known !== name) invalid('network', `${known}, ${name}`, 'one name for each population');
        this.#add(node, name);
      }
      this.connections.push(...(circuit.description.connections ?? []).map((_, i) => connections[i]));
      this.inputs.push(...(circuit.description.inputs ?? []).map((_, i) => inputs[i]));
    }
    given.forEach((element, i) => {
      if (isCircuit(element)) return;
      for (const node of mentioned(`network[${i}]`, element)) this.#add(node);
      if (element.element === 'connection') this.connections.push(element);
      if (element.element === 'input') this.inputs.push(element);
    });
  }

  /** Names it, the first time. */
  #add(node: Cells | SpikeSource, name = node.name): void {
    if (this.names.has(node)) return;
    const isSource = node.element === 'spike-source';
    const kind = isSource ? 'source' : node.neuron.model;
    const number = isSource ? this.#sources.push(node) : this.#cells.push(node);
    this.names.set(node, name ?? `${kind}${number}`);
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
    const own = <K extends NetworkElement['element']>(kind: K) =>
      this.#elements.filter(
        (element): element is NetworkElement & { element: K } => element.element === kind,
      );
    const parts = this.#circuits.map(({ description }) => description);
    const gaps = [
      ...parts.flatMap((part) => part.gaps ?? []),
      ...own('gap-junctions').map((gap) => this.#gap(gap)),
    ];
    const steps = new Set(parts.flatMap(({ dt }) => dt ?? []));
    if (steps.size > 1) invalid('network.dt', [...steps], 'networks of one time step');
    return Object.freeze({
      version,
      ...(steps.size === 0 ? {} : { dt: [...steps][0]! }),
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
      connections: [
        ...parts.flatMap((part) => part.connections ?? []),
        ...own('connection').map((connection) => this.#connection(connection)),
      ],
      inputs: [
        ...parts.flatMap((part) => part.inputs ?? []),
        ...own('input').map((input) => this.#input(input)),
      ],
      ...(gaps.length === 0 ? {} : { gaps }),
      record: this.#record(),
    });
  }

  #connection({ from, to, rule, synapse }: Connection & { element: 'connection' }) {
    const { autapses, multapses, ...pairs } = rule as Rule;
    const { model, modulator, name, ...values } = synapse;
    return {
      ...(name === undefined ? {} : { name }),
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

  #input({ from, to, weight, port, name }: Connection & { element: 'input' }): object {
    const { element, ...device } = from;
    const kind = element === 'noise' ? 'normal' : element;
    return {
      kind,
      ...(name === undefined ? {} : { name }),
      to: this.#neurons(to),
      ...device,
      ...(weight === undefined ? {} : { weight }),
      ...(port === undefined ? {} : { port }),
    };
  }

  #gap({ element: _, from, to, rule, ...options }: GapJunctions): object {
    const { autapses, multapses, ...pairs } = rule;
    return {
      from: this.#neurons(from),
      to: this.#neurons(to),
      rule: pairs,
      ...(autapses === undefined || options.state === undefined ? {} : { autapses }),
      ...(multapses === undefined ? {} : { multapses }),
      ...options,
    };
  }

  #record(): NonNullable<CircuitDescription['record']> {
    return recorded({
      parts: this.#circuits.map(({ description }) => description),
      recorders: this.#elements.filter((element): element is Recorder =>
        element.element.startsWith('record-'),
      ),
      connections: this.connections,
      named: (node) => this.#name(whole(node) as Cells),
      neurons: (node) => this.#neurons(node),
    });
  }
}
