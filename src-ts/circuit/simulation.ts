/** A large network that has been built: runs in several calls, keeps its state. */

import { options as checkOptions, invalid, text, unknownName } from '../checks/check.ts';
import type { Precision } from '../description/description.ts';
import { type addon, task, unwrap } from '../engine/native.ts';
import type { NeuronOperations } from '../engine/neuron-operations.ts';
import type { TaskOptions } from '../engine/task-options.ts';
import {
  type FileSource,
  type FileTarget,
  isSource,
  isStreamTarget,
  type LoadOptions,
  loadOptions,
} from '../files/file-source.ts';
import { Addresses } from './addresses.ts';
import {
  ends,
  found,
  type Input,
  type InputCourse,
  type InputValues,
  inputValue,
  inputValues,
} from './between-runs.ts';
import { between, gathered, joined, type Synapses, sourcesOf } from './connections.ts';
import type { CircuitDescription } from './description.ts';
import type { Connection } from './elements/connection.ts';
import type {
  Population,
  Postsynaptic,
  Presynaptic,
  SourceSlice,
  SpikeSource,
} from './elements/populations.ts';
import type { SynapticElements } from './elements/structural.ts';
import { joinedSynapses, type PlasticPart, type PlasticSynapses } from './plastic-synapses.ts';
import { type RecordedRanges, recordedRanges } from './recorded-neurons.ts';
import { Recording } from './recording.ts';
import { publishRecording } from './simulation-recordings.ts';
import { changes, listOf, listsOf, raise, type Setting, setNeurons } from './simulation-setting.ts';
import { isSpikeSource, packedTrains, type SourceValues, unpackedTrains } from './source-trains.ts';
import { readState, type SimulationState, stateBytes, stateOf, writeState } from './state.ts';
import { stepsOf } from './steps.ts';
import { builtFrom, type SynapseStorage, summaryOf } from './storage.ts';
import type { PopulationRange, StateTrace, Trace } from './traces.ts';

type NativeSimulation = InstanceType<typeof addon.NativeSimulation>;
/** A running network, made by `circuit(…).compile()`. Several short runs give the same result as one long run, bit for bit. */
export class Simulation implements Disposable {
  /** By name, in the order in which neurons are numbered. */
  readonly populations: Readonly<Record<string, PopulationRange>>;
  /** Operations of a step for one neuron of each population, except of cells with dendrites. */
  readonly operations: Readonly<Record<string, NeuronOperations>>;
  /** Neurons of all populations. */
  readonly neurons: number;
  readonly synapses: number;
  /** The memory estimate from before the network was built; a network that needs more than the available memory is refused. */
  readonly bytes: number;
  /** How the synapses of each connection are stored, in the order of the connections. */
  readonly storage: readonly SynapseStorage[];
  /** Time step in ms. */
  readonly dt: number;
  readonly seed: number;
  readonly precision: Precision;
  /** Neurons of each population whose spikes are recorded. @internal */
  readonly recordedRanges: RecordedRanges;
  readonly #native: NativeSimulation;
  readonly #setting: Setting;
  readonly #addresses: Addresses;
  #time = 0;
  #inDoublePrecision: readonly string[];
  #chosenThreads = 1;

  /** @internal */
  constructor(native: NativeSimulation, setting: Setting) {
    const built = builtFrom(native.summary, setting.connections);
    this.populations = built.populations;
    this.operations = built.operations;
    this.neurons = built.neurons;
    this.synapses = built.synapses;
    this.bytes = built.bytes;
    this.#inDoublePrecision = Object.freeze(built.inDoublePrecision);
    this.storage = built.storage;
    this.dt = setting.dt;
    this.seed = setting.seed;
    this.precision = setting.precision;
    this.#native = native;
    this.#setting = setting;
    this.#addresses = new Addresses(setting, this.populations);
    this.recordedRanges = recordedRanges(this.populations, setting.spikes);
  }

  /**
   * Populations and connections that are computed in double precision although `precision` is `'f32'`, because single precision would lose
   * part of their changes per step: a state, trace or weight changes slowly, or a constant current hardly drives neurons to their threshold.
   * {@link set} can change this.
   */
  get inDoublePrecision(): readonly string[] {
    const names: unknown = this.#native.inDoublePrecision();
    if (Array.isArray(names)) this.#inDoublePrecision = Object.freeze(names as string[]);
    return this.#inDoublePrecision;
  }

  /**
   * The number of threads that the last finished run chose: at most that of the option `threads`. A small network gets one, and every network one as long as that was faster when both
   * were last tried. Results do not depend on it.
   */
  get chosenThreads(): number {
    const threads: unknown = this.#native.chosenThreads();
    if (typeof threads === 'number') this.#chosenThreads = threads;
    return this.#chosenThreads;
  }

  /** The network as a table: how the synapses of each connection are stored, their memory, and the total. */
  summary(): string {
    return summaryOf(this, this.precision);
  }

  /** The network that it was built of. @internal */
  get description(): CircuitDescription {
    return this.#setting.description;
  }

  /** Simulated time in ms at the end of the last finished run. */
  get time(): number {
    return this.#time;
  }

  /** Poisson trains, noise and currents, which {@link set} takes by these names. */
  get inputs(): readonly Input[] {
    return this.#setting.inputs;
  }

  /**
   * Continues for `duration` ms, a whole number of steps.
   *
   * @returns spikes and traces of these steps, times counted from the start of the simulation
   * @throws LapicqueError `non-finite` with population, neuron and state, or with connection and source if a plastic weight is out of
   * range; `invalid-parameter` for a parameter that `intrinsic` moves out of its range; `aborted`: the simulation then stays at the step where it
   * stopped and can continue from there, but the recording since the call is lost ({@link chunks} loses less)
   */
  async run(duration: number, options: TaskOptions = {}): Promise<Recording> {
    checkOptions('run', options, ['signal', 'onProgress']);
    const steps = stepsOf(duration, this.dt);
    try {
      const { traces, weights, means, fields, ...recorded } = await task(options, (handle) =>
        this.#native.run(steps, this.#setting.threads, handle),
      );
      const named = this.#setting.traces.map(({ name, neurons, unit }, i): [string, StateTrace] => [
        name,
        { ...traces[i]!, neurons, unit },
      ]);
      const learned = weights.map((trace, i) => ({ ...this.#setting.weights[i]!, ...trace }));
      const of = (names: readonly string[], all: readonly Trace[]) =>
        Object.fromEntries(names.map((name, i): [string, Trace] => [name, all[i]!]));
      const recording = new Recording(
        {
          ...recorded,
          means: of(this.#setting.means, means),
          lfp: of(this.#setting.fields, fields),
          traces: Object.fromEntries(named),
          weights: learned,
          duration,
          populations: this.populations,
          recordedRanges: this.recordedRanges,
        },
        this.#setting.names,
      );
      publishRecording(this, recording);
      return recording;
    } finally {
      this.#reportState();
    }
  }

  /**
   * The same in chunks, for long recordings: each chunk is the recording of `every` ms.
   *
   * @example
   * ```ts
   * for await (const { times, ids } of simulation.chunks(60_000, 1000)) write(times, ids);
   * ```
   */
  async *chunks(
    duration: number,
    every: number,
    options: TaskOptions = {},
  ): AsyncGenerator<Recording, void, undefined> {
    const { signal, onProgress } = checkOptions('chunks', options, ['signal', 'onProgress']);
    const total = stepsOf(duration, this.dt);
    const piece = stepsOf(every, this.dt, 'every', 1);
    for (let from = 0; from < total; from += piece) {
      const steps = Math.min(piece, total - from);
      const onDone = onProgress && (({ done }: { done: number }) => onProgress({ done: from + done, total }));
      yield await this.run(steps * this.dt, { signal, onProgress: onDone });
    }
  }

  /** Connections with plastic synapses, by the names of their populations. */
  get plastic(): readonly (readonly [from: string, to: string])[] {
    return this.#addresses.plastic;
  }

  /**
   * The synapses of the connection from `from` to `to` that has a synapse model, after all runs that were
   * requested before. If there are several such connections, the synapses of all, concatenated.
   *
   * @param from - a population or a source, or its name; connections from its slices are included
   * @param to - a population, or its name
   * @throws LapicqueError `unknown-name` when there is none
   */
  async plasticSynapses(
    from: Population | SpikeSource | string,
    to: Population | string,
  ): Promise<PlasticSynapses> {
    const parts: PlasticPart[] = [];
    for (const number of this.#alive().learning(from, to)) {
      const { sources, ...part } = unwrap(await this.#native.synapses(number));
      parts.push({ ...part, sources: sourcesOf(this.#setting.connections![number]!.from, sources) });
    }
    return joinedSynapses(parts);
  }

  /**
   * Only the weights, in the order of {@link plasticSynapses}, in the simulation's precision and a fifth of the memory. If no
   * connection between the two has a synapse model: the static weights, in the order of {@link connections}.
   *
   * @throws LapicqueError `unknown-name` when there is no such connection
   */
  async weights(
    from: Population | SpikeSource | string,
    to: Population | string,
  ): Promise<Float32Array | Float64Array> {
    const parts: (Float32Array | Float64Array)[] = [];
    const still = this.#alive().still(from, to);
    if (still !== undefined) {
      const { weights } = await this.connections(
        this.#addresses.whole('from', from),
        this.#addresses.whole('to', to),
      );
      return this.precision === 'f32' ? Float32Array.from(weights) : weights;
    }
    for (const number of this.#alive().learning(from, to))
      parts.push(unwrap(await this.#native.weights(number)));
    if (parts.length === 1) return parts[0]!;
    return this.precision === 'f32' ? joined(Float32Array, parts) : joined(Float64Array, parts);
  }

  /**
   * Sets the weights of the synapses of {@link weights}, in that order. It takes effect after all runs that were requested before. Saved states
   * contain them. For static synapses the rows are built again: this takes about the time of compiling them and, briefly, their memory
   * twice. Spikes that are on their way arrive with the new weights.
   *
   * Plastic synapses: spikes that are on their way arrive with the new weights. Plasticity events that `weights` already includes, but that
   * are applied only with the next spike of the source, change the new weights by the same amount.
   *
   * @example
   * ```ts
   * const { targets, weights } = await simulation.plasticSynapses(input, E); // the weights onto each neuron sum to 80
   * const sums = new Float64Array(E.size);
   * weights.forEach((w, i) => (sums[targets[i]!]! += w));
   * await simulation.setWeights(input, E, weights.map((w, i) => (80 * w) / sums[targets[i]!]!));
   * ```
   * @param weights - one per synapse, or one number for all
   * @throws LapicqueError `unknown-name` when there is no such connection, `shape-mismatch`, `invalid-parameter` for a weight beyond the
   * bounds of the rule (without bounds: beyond 128 times the largest initial weight, in f64 1,024 times), or one that the precision cannot
   * represent together with others of its port. After an error nothing has changed
   */
  async setWeights(
    from: Population | SpikeSource | string,
    to: Population | string,
    weights: number | readonly number[] | Float32Array | Float64Array,
  ): Promise<void> {
    const values = listOf('weights', weights, 'synapse');
    const still = this.#alive().still(from, to);
    if (still !== undefined) return void unwrap(await this.#native.setWeights([...still], values));
    unwrap(await this.#native.setSynapses([...this.#alive().learning(from, to)], [{ name: 'w', values }]));
  }

  /**
   * Sets variables of the synapses of {@link plasticSynapses}, as {@link setWeights} sets weights: for example to reset an eligibility
   * trace, or to set a constant variable, which serves as a parameter of each synapse.
   *
   * @example
   * ```ts
   * const { weights } = await simulation.plasticSynapses(E, E);
   * const u = distribution.draw(distribution.normal(0.5, 0.1, { min: 0, max: 1 }), weights.length, 1);
   * await simulation.setVariables(E, E, { u });
   * ```
   * @param values - by name, each one number for all synapses or one per synapse
   * @throws LapicqueError `unknown-name`, `shape-mismatch`, `invalid-parameter`; after an error nothing has changed
   */
  async setVariables(
    from: Population | SpikeSource | string,
    to: Population | string,
    values: Readonly<Record<string, number | readonly number[] | Float32Array | Float64Array>>,
  ): Promise<void> {
    const numbers = this.#alive().learning(from, to);
    if (typeof values !== 'object' || values === null) invalid('values', values, 'an object of variables');
    unwrap(await this.#native.setSynapses([...numbers], listsOf(values, 'synapse')));
  }

  /**
   * Synaptic elements and calcium of the connection with structural plasticity from `from` to `to`.
   *
   * @throws LapicqueError `unknown-name` when there is none
   */
  async synapticElements(
    from: Population | SpikeSource | string,
    to: Population | string,
  ): Promise<SynapticElements> {
    const numbers = this.#alive().learning(from, to);
    const number = numbers.find((i) => this.#setting.connections![i]!.structural !== undefined);
    if (number === undefined)
      throw unknownName(
        'connection with structural plasticity',
        `${this.#addresses.whole('from', from)} to ${this.#addresses.whole('to', to)}`,
        [],
      );
    return unwrap(await this.#native.elements(number)) as SynapticElements;
  }

  /**
   * The synapses between two populations, or from a source to one, static and plastic, after all runs that
   * were requested before. Without an argument: from or to any population.
   *
   * @param from - a population, a source or a slice of one, or its name
   * @throws LapicqueError `unknown-name`, `too-large`
   */
  async connections(from?: Presynaptic | string, to?: Postsynaptic | string): Promise<Synapses> {
    const connections = this.#setting.connections ?? [];
    const [source, target] = [from, to].map((of) =>
      of === undefined ? undefined : this.#addresses.range(of),
    );
    const parts = [];
    for (const connection of between(connections, source, target)) {
      const { sources, targets, delays, variables } = unwrap(await this.#native.synapses(connection));
      const places = variables.find(({ name }) => name === 'place')?.values;
      parts.push({ connection, sources, targets, delays, weights: variables[0]!.values, places });
    }
    return gathered(connections, parts, source, target);
  }

  /**
   * A state or parameter of neurons, a value of an input, of a connection's synapses, or the trains of a spike source, after all runs that were requested before.
   *
   * @param of - a population, a spike source or a slice of one; a result of `connect`; or the name of a population, source or input
   * @returns for neurons one value per neuron; for a source its times in ms, as set last, one list per source; for an input one value, one per target neuron, or over time `{ times, values }` with the values of
   * each time concatenated; for a connection one value per synapse, in the order of {@link connections}
   * @throws LapicqueError `unknown-name`
   */
  async get(of: Postsynaptic, name: string): Promise<Float64Array>;
  async get(of: SpikeSource | SourceSlice | string, name: 'trains'): Promise<readonly Float64Array[]>;
  async get(of: Connection | string, name: 'rate' | 'current'): Promise<Float64Array | InputCourse>;
  async get(of: Postsynaptic | Connection | string, name: string): Promise<Float64Array>;
  async get(
    of: Presynaptic | Connection | string,
    name: string,
  ): Promise<Float64Array | InputCourse | readonly Float64Array[]> {
    if (isSpikeSource(of, this.#setting.trains)) {
      const { name: source, from, to } = this.#addresses.range(of);
      if (name !== 'trains') throw unknownName(`value of ${source}`, name, ['trains']);
      return unpackedTrains(unwrap(await this.#native.trains(source, from, to)));
    }
    const target = found(of, this.inputs, this.#setting.elements);
    text('name', name);
    if (target === undefined) {
      const { name: population, from, to } = this.#addresses.range(of as Postsynaptic | string);
      return unwrap(await this.#native.get(population, from, to, name));
    }
    if ('input' in target) {
      return inputValue(this.inputs[target.input]!, name, unwrap(await this.#native.input(target.input)));
    }
    const { variables } = unwrap(await this.#native.synapses(target.connection));
    const known = variables.map((variable) => (variable.name === 'w' ? 'weight' : variable.name));
    const number = known.indexOf(name);
    const of_ = ends(this.#setting.connections![target.connection]!);
    return variables[number]?.values ?? raise(unknownName(`variable of ${of_}`, name, known));
  }

  /**
   * Sets parameters and states of neurons, rates and currents of inputs, trains of spike sources, and weights of synapses between two runs, without
   * compiling again. It takes effect after all runs that were requested before. Saved states contain the values, and {@link restore}
   * restores them. A default that is an expression of a parameter follows it. Before the first step, initial values follow the
   * parameters that hold them, except for neurons whose state was set.
   *
   * @example
   * ```ts
   * const background = connect(poisson(8000), excitatory, { weight: 20, name: 'background' });
   * await simulation.run(1000);
   * await simulation.set(excitatory.slice(0, 100), { iBias: 200, v: -65 });
   * await simulation.set(background, { rate: { times: [1000, 1500], values: [8000, 12_000] } });
   * await simulation.set('background', { weight: 25 });
   * await simulation.set(recurrent, { weight: 18 }); // a result of connect(…)
   * await simulation.set(stimulus, { trains: [[1000, 1500]] }); // a spikeSource: times from now on
   * await simulation.run(1000);
   * ```
   * @param of - a population, a spike source or a slice of one; a result of `connect`; or the name of a population, source or input
   * @param values - for a source {@link SourceValues}; for neurons by name, each one number for all or one per neuron; for inputs {@link InputValues}, with times of the
   * simulation; for connections `weight` and the variables of their model, each one number or one per synapse in the order of
   * {@link connections}
   * @throws LapicqueError `unknown-name`, `shape-mismatch`, `invalid-parameter` with the path of the wrong value; `unsupported`
   * for a value that would change the set of states; after an error nothing has changed
   */
  async set(of: SpikeSource | SourceSlice | string, values: SourceValues): Promise<void>;
  async set(
    of: Postsynaptic | Connection | string,
    values: Readonly<Record<string, number | readonly number[] | Float64Array | Float32Array>> | InputValues,
  ): Promise<void>;
  async set(of: Presynaptic | Connection | string, values: object): Promise<void> {
    if (typeof values !== 'object' || values === null)
      invalid('values', values, 'an object of parameters and states');
    if (isSpikeSource(of, this.#setting.trains)) {
      const { name, from, to } = this.#addresses.range(of);
      const { counts, times } = packedTrains(values as SourceValues);
      return void unwrap(await this.#native.setTrains(name, from, to, counts, times));
    }
    const target = found(of, this.inputs, this.#setting.elements);
    if (target !== undefined && 'input' in target) {
      const {
        times,
        values: course,
        numbers,
      } = inputValues(this.inputs[target.input]!.kind, values as InputValues);
      return void unwrap(await this.#native.setInput(target.input, times, course, numbers));
    }
    const arrays = listsOf(values, target === undefined ? 'neuron' : 'synapse');
    if (target !== undefined) return this.#setConnection(target.connection, arrays);
    const { name: population, from, to } = this.#addresses.range(of as Postsynaptic | string);
    await setNeurons(this.#native, [population, from, to], arrays);
  }

  async #setConnection(number: number, arrays: { name: string; values: Float64Array }[]): Promise<void> {
    const connection = this.#setting.connections![number]!;
    if (changes(connection)) {
      const variables = arrays.map(({ name, values }) => ({ name: name === 'weight' ? 'w' : name, values }));
      return void unwrap(await this.#native.setSynapses([number], variables));
    }
    const other = arrays.find(({ name }) => name !== 'weight');
    if (other !== undefined)
      throw unknownName(`variable of ${ends(connection)}, whose synapses do not change,`, other.name, [
        'weight',
      ]);
    for (const { values } of arrays) unwrap(await this.#native.setWeights([number], values));
  }

  /** The state of the simulation: states of all neurons, and spikes on their way, after all runs that were requested before. */
  async save(): Promise<SimulationState> {
    return { ...(unwrap(await this.#native.save()) as Omit<SimulationState, 'dt'>), dt: this.dt };
  }

  /**
   * Continues from a state of the same network with the same time step. With the same seed, the simulation continues exactly as the saved
   * one. Another seed gives other noise, and is refused if it determines synapses, because a state does not contain them.
   *
   * @param state - a result of {@link save}, or a file of {@link saveFile}: its path or `file:` URL, its bytes, or a stream of them
   * @param options - for a file; `limits`: the memory that it may take
   * @throws LapicqueError `shape-mismatch`, `invalid-parameter`, `malformed-file`, `too-large`, `io`, `aborted`; after an error the simulation is unchanged
   */
  async restore(state: SimulationState | FileSource, options: LoadOptions = {}): Promise<void> {
    const checked = checkOptions('restore', options, loadOptions);
    const read = isSource(state) ? await readState(state, checked) : state;
    await this.#restore(stateOf(read, this.dt));
  }

  async #restore(state: SimulationState): Promise<void> {
    unwrap(await this.#native.restore({ ...state, seed: state.seed ?? undefined } as never));
    this.#reportState();
  }

  /**
   * Writes the state to a `.safetensors` file, atomically and exactly.
   *
   * @param target - a path or a `file:` URL, or a `WritableStream`; {@link stateBytes} gives bytes
   * @throws LapicqueError `io`
   */
  async saveFile(target: FileTarget): Promise<void> {
    isStreamTarget('target', target);
    await writeState(target, await this.save());
  }

  /** The bytes of the file that {@link saveFile} writes. */
  async stateBytes(): Promise<Uint8Array<ArrayBuffer>> {
    return stateBytes(await this.save());
  }

  /** Throws an error for a disposed simulation. */
  #alive(): Addresses {
    unwrap(this.#native.time());
    return this.#addresses;
  }

  /** After a run, also a canceled one; a disposed simulation has no time. */
  #reportState(): void {
    const time: unknown = this.#native.time();
    if (typeof time === 'number') this.#time = time;
  }

  /** Frees the native memory; using the simulation afterwards throws `disposed`. */
  dispose(): void {
    this.#native.dispose();
  }

  [Symbol.dispose](): void {
    this.dispose();
  }
}
