/** A large network as data, collected from its elements, for the engine and for files. */
import { options as checkOptions, invalid, text, unknownName } from '../checks/check.ts';
import type { TaskOptions } from '../engine/task-options.ts';
import { type FileSource, type FileTarget, type LoadOptions, loadOptions } from '../files/file-source.ts';
import type { Model } from '../model/model.ts';
import { type CircuitCompileOptions, type CircuitEstimateOptions, compile, estimate } from './build.ts';
import { circuitBytes, readCircuit, withoutTypedArrays, writeCircuit } from './circuit-file.ts';
import { CircuitWriter } from './circuit-writer.ts';
import { type CircuitDescription, type Parts, version } from './description.ts';
import type { CircuitElement } from './elements/elements.ts';
import { type Population, type SpikeSource, sliceable } from './elements/populations.ts';
import { fromModel } from './from-model.ts';
import type { Simulation } from './simulation.ts';
import type { CircuitEstimate } from './storage.ts';
import { type ModelOfOptions, toModel } from './to-model.ts';

function populationOf({
  name,
  size,
  neuron,
  initial = {},
  layout,
  intrinsic,
}: CircuitDescription['populations'][number]): Population {
  return sliceable<Population>({
    element: 'population',
    name,
    size,
    neuron: neuron as Population['neuron'],
    initial,
    ...(layout === undefined ? {} : { layout }),
    ...(intrinsic === undefined ? {} : { intrinsic: intrinsic as NonNullable<Population['intrinsic']> }),
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

/** A large network before it is built. Made by {@link circuit}. */
export class Circuit {
  readonly description: CircuitDescription;
  /** Its elements, except those that are only described. */
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
   * A population by its name, to connect, record or stimulate it in a larger network: `circuit(circuit, …)`.
   *
   * @example
   * ```ts
   * const { network: cortex } = circuits.microcircuit({ scale: 0.1 });
   * const thalamus = poisson({ times: [700, 710], values: [15 * 90, 0] });
   * const pulsed = circuit(cortex, connect(thalamus, cortex.population('L4E'), { weight: 87.8 }));
   * ```
   * @throws LapicqueError `unknown-name`
   */
  population(name: string): Population {
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

  #node<T extends Population | SpikeSource, D extends { readonly name: string }>(
    kind: string,
    name: string,
    all: readonly D[],
    construct: (described: D) => T,
  ): T {
    const described = all.find((one) => one.name === name);
    if (described === undefined)
      throw unknownName(
        kind,
        name,
        all.map((one) => one.name),
      );
    const { names } = this.#parts;
    const existing = [...names].find(([, of]) => of === name)?.[0];
    const node = (existing as T | undefined) ?? construct(described);
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
   * Draws the wiring and sets the neurons to their initial states.
   *
   * @throws LapicqueError `unknown-name`, `invalid-parameter`, `shape-mismatch` with the path of the wrong value; `too-large`
   * before anything is built
   */
  compile(options: CircuitCompileOptions = {}): Promise<Simulation> {
    return compile(this.description, options, this.#parts);
  }

  /**
   * Estimates a simulation of the network without building it: memory, and how the synapses of each connection are stored.
   *
   * @throws LapicqueError `unknown-name`, `invalid-parameter`, `shape-mismatch` with the path of the wrong value
   */
  estimate(options: CircuitEstimateOptions = {}): Promise<CircuitEstimate> {
    return estimate(this.description, options);
  }

  /**
   * Writes the network to a `.safetensors` file, atomically: the description with its version as metadata, long lists as
   * tensors. {@link loadCircuit} and `lapicque simulate` read it.
   *
   * @param target - a path or a `file:` URL, or a `WritableStream`; {@link Circuit.toBytes} gives bytes
   * @throws LapicqueError `io`, `aborted`
   */
  async save(target: FileTarget, options: TaskOptions = {}): Promise<void> {
    const task = checkOptions('save', options, ['signal', 'onProgress']);
    await writeCircuit(target, this.description, task);
  }

  /** The bytes of the file that {@link Circuit.save} writes. @throws LapicqueError `too-large`, `aborted` */
  async toBytes(options: TaskOptions = {}): Promise<Uint8Array<ArrayBuffer>> {
    return circuitBytes(this.description, checkOptions('toBytes', options, ['signal', 'onProgress']));
  }

  /**
   * A trainable model: each population becomes a layer, the synapses between two populations a dense projection. The single source of spike
   * trains is the input. Synapses of a population onto itself must have a delay of one step. All other delays must be such that the input reaches
   * a population at one time only. A constant current from that time on becomes a bias. A layer starts with its input, a
   * population at time 0: the spikes are equal if neurons do not change before their input.
   *
   * @throws LapicqueError `unsupported` for anything that layers cannot express: other delays, cycles of populations, other inputs, initial
   * states, intrinsic plasticity, plastic synapses, neurons with several inputs
   */
  toModel(options: ModelOfOptions = {}): Promise<Model> {
    return toModel(this, options);
  }

  /** The description with lists in place of typed arrays; {@link circuitOf} reads it. */
  toJSON(): CircuitDescription {
    return withoutTypedArrays(this.description) as CircuitDescription;
  }
}

/**
 * A network of populations, connections, inputs and recorders, in any order. Populations are numbered in the order in which
 * they are first mentioned: a neuron's id is its index among all neurons. A network among the elements becomes a part of this one,
 * with its recorders. It always comes first; {@link Circuit.population} returns its populations.
 *
 * @example
 * ```ts
 * const E = population(iafPscExp, 800, { name: 'E', tauMem: 20 });
 * const I = population(iafPscExp, 200, { name: 'I', tauMem: 20 });
 * const balanced = circuit(
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
 * @throws LapicqueError `invalid-parameter` for anything but an element, and for a state that is recorded twice
 */
export function circuit(
  ...elements: readonly (CircuitElement | Circuit | readonly (CircuitElement | Circuit)[])[]
): Circuit {
  const isCircuit = (one: unknown): one is Circuit => one instanceof Circuit;
  const writer = new CircuitWriter(elements.flat() as (CircuitElement | Circuit)[], isCircuit);
  return new Circuit(writer.description(), writer);
}

/**
 * A trained model as a circuit: layers of neurons become populations of the same names, weights of dense and one-to-one
 * projections synapses, biases currents. A layer's spikes at step `t` of the model (from 0) are those of its population at
 * `(t + 1 + depth) * dt` ms, where the first layer has the depth 1 and `trains` spike at `(t + 1) * dt`: what layers do within a
 * step takes circuits one. To get the same spikes compile it with the model's `dt`, and both in f64. All populations begin at
 * 0: neurons that move without input, such as `izhikevich` or those whose `vInit` is not where they rest, have moved by
 * `depth` steps when the input comes, and noise is drawn again. What `gradedSpikes` make a spike worth goes into the weights.
 *
 * @example
 * ```ts
 * const circuit = await circuit.fromModel(model, spikeSource([[1, 5], [2]]));
 * const { times, ids } = await simulate(circuit, { duration: 100, dt: 1, precision: 'f64' });
 * ```
 * @param trains - one for each input of the model
 * @throws LapicqueError `unsupported` for convolutions, normalization and other layers that circuits do not have; when it is
 * compiled, for layers between others that do not spike or whose spikes have several levels
 */
circuit.fromModel = async (model: Model, trains: SpikeSource): Promise<Circuit> =>
  circuit(...(await fromModel(model, trains)));

/**
 * Builds a network from its description, for example from a file.
 *
 * @throws LapicqueError `invalid-parameter` for an invalid description or one of a newer version; its values are checked when the network is compiled
 */
export function circuitOf(description: CircuitDescription): Circuit {
  if (typeof description !== 'object' || description === null || !Array.isArray(description.populations)) {
    invalid('circuit', description, 'a description with populations');
  }
  if (description.version !== version) {
    invalid('circuit.version', description.version, `${version}, the version that this release reads`);
  }
  return new Circuit(description);
}

/**
 * Reads a network that {@link Circuit.save} wrote.
 *
 * @param source - a path or a `file:` URL, the bytes of a file, or a stream of them
 * @param options - `limits`: the memory that the network may take
 * @throws LapicqueError `malformed-file` for another file, `too-large`, `io`, `aborted`; the values are checked when the network is compiled
 */
export async function loadCircuit(source: FileSource, options: LoadOptions = {}): Promise<Circuit> {
  return circuitOf(await readCircuit(source, checkOptions('loadCircuit', options, loadOptions)));
}
