/** What is kept of a run: spikes, states, weights, means, and proxies of the local field potential. */
import { options as checkOptions, finite, integer, invalid, noFurther, text } from '../../checks/check.ts';
import { isWhole, unsigned, type WholeNumbers } from '../../checks/whole-numbers.ts';
import type { Connection } from './connection.ts';
import { isTarget, type Postsynaptic, rangeOf } from './populations.ts';

/** A recorder: data that a run keeps. */
export type Recorder =
  | { readonly element: 'record-spikes'; readonly populations: readonly Postsynaptic[] }
  | {
      readonly element: 'record-traces';
      readonly population: Postsynaptic;
      readonly states: readonly string[];
      readonly every?: number;
      readonly neurons?: readonly number[];
    }
  | { readonly element: 'record-weights'; readonly connection: Connection; readonly every: number }
  | {
      readonly element: 'record-means';
      readonly population: Postsynaptic;
      /** Expressions by the name that their means get. */
      readonly values: Readonly<Record<string, string>>;
      readonly every?: number;
    }
  | ({ readonly element: 'record-lfp'; readonly population: Postsynaptic } & Readonly<LfpOptions>);

/** How a proxy of the local field potential is computed. */
export interface LfpOptions {
  /** Its name in `recording.lfp`; default the population's name. */
  name?: string;
  /** In ms, a whole number of steps; default every step. */
  every?: number;
  /**
   * The excitatory (AMPA) synaptic current of a neuron, an expression of states and parameters; default the model's: `gE*(v - vE)` for conductances,
   * `iE` for currents.
   */
  excitatory?: string;
  /** The inhibitory (GABA) synaptic current; default `gI*(v - vI)` or `iI`. */
  inhibitory?: string;
  /** Weight of the inhibitory current; default 1.65. */
  alpha?: number;
  /** Delay of the excitatory current in ms; default 6. */
  excitatoryDelay?: number;
  /** Delay of the inhibitory current in ms; default 0. */
  inhibitoryDelay?: number;
}

/** Recorders: what a run keeps. Without a recorder of spikes, the spikes of all populations are kept. */
export const record: {
  /** Keeps the spikes of these populations only; without arguments, of all. */
  readonly spikes: (...populations: readonly Postsynaptic[]) => Recorder;
  /**
   * Records states of a population's neurons, for the first time after `every` ms.
   *
   * @param every - in ms, a whole number of steps; default every step
   * @param neurons - the recorded neurons, 0-based in the population or slice; default all
   */
  readonly traces: (
    population: Postsynaptic,
    states: readonly string[],
    every?: number,
    neurons?: readonly number[] | WholeNumbers,
  ) => Recorder;
  /**
   * Records all weights of a plastic connection, for the first time after `every` ms.
   *
   * @example
   * ```ts
   * const learning = connect(E, E, rule.fixedInDegree(100), { weight: 10, delay: 1.5, model: synapse.stdp() });
   * const learns = circuit(E, learning, record.weights(learning, { every: 100 }));
   * const { weights } = await simulate(learns, { duration: 1000 });
   * weights[0].values; // [10 times, synapses]
   * ```
   * @param connection - a result of {@link connect}; it must be in the network
   * @param every - in ms, a whole number of steps
   */
  readonly weights: (connection: Connection, options: { every: number }) => Recorder;
  /**
   * Records means over a population's neurons: of states, or of expressions of states and parameters. Values of single neurons are not kept. The sums
   * are exact, so a mean does not depend on the number of threads. Read it as `recording.means['E.v']`; the first value is after `every` ms.
   *
   * @example
   * ```ts
   * record.mean(E, ['v', 'gE*(v - vE)'], 1);
   * record.mean(E.slice(0, 100), { synaptic: 'abs(iE) + abs(iI)' }); // recording.means['E.synaptic']
   * ```
   * @param values - states or expressions, or an object of them by name
   * @param every - in ms, a whole number of steps; default every step
   */
  readonly mean: (
    population: Postsynaptic,
    values: readonly string[] | Readonly<Record<string, string>>,
    every?: number,
  ) => Recorder;
  /**
   * A proxy of a population's local field potential: the reference weighted sum of A. Mazzoni et al., PLoS Comput. Biol.
   * 11(12), e1004584, 2015, as a mean over the neurons, `mean |I_E(t - 6 ms)| + 1.65 mean |I_I(t)|`, in the unit of the
   * currents. `recording.lfp['E']`.
   *
   * @example
   * ```ts
   * const { lfp } = await simulate(circuit(…, record.lfp(E, { every: 1 })), { duration: 1000 });
   * ```
   * @param population - pyramidal cells; the paper's sum is this mean times their number, minus its mean over time
   */
  readonly lfp: (population: Postsynaptic, options?: LfpOptions) => Recorder;
} = Object.freeze({
  spikes(...populations: readonly Postsynaptic[]): Recorder {
    populations.forEach((population, i) => {
      if (!isTarget(population)) invalid(`populations[${i}]`, population, 'a population, or a slice of one');
    });
    return Object.freeze({ element: 'record-spikes', populations: Object.freeze([...populations]) });
  },
  traces(
    population: Postsynaptic,
    states: readonly string[],
    every?: number,
    chosenNeurons?: readonly number[] | WholeNumbers,
    ...further: unknown[]
  ): Recorder {
    noFurther('record.traces', further, 'none after the list of neurons');
    if (!isTarget(population)) invalid('population', population, 'a population, or a slice of one');
    if (!Array.isArray(states) || states.length === 0) invalid('states', states, 'names of states');
    const neurons = isWhole(chosenNeurons) ? Array.from(unsigned('neurons', chosenNeurons)) : chosenNeurons;
    if (neurons !== undefined && (!Array.isArray(neurons) || neurons.length === 0))
      invalid('neurons', neurons, 'a list of neurons');
    const { from, to } = rangeOf(population);
    const chosen =
      neurons ?? (population.element === 'slice' ? Array.from({ length: to - from }).keys() : undefined);
    // Counted in the population.
    const counted = (n: number, i: number) =>
      from + integer(`neurons[${i}]`, n, { min: 0, max: to - from - 1 });
    return Object.freeze({
      element: 'record-traces',
      population,
      states: Object.freeze(Array.from(states, (state, i) => text(`states[${i}]`, state))),
      ...(every === undefined ? {} : { every: finite('every', every, { above: 0 }) }),
      ...(chosen === undefined ? {} : { neurons: Object.freeze(Array.from(chosen, counted)) }),
    });
  },
  weights(connection: Connection, options: { every: number }, ...further: unknown[]): Recorder {
    noFurther('record.weights', further, 'none; the interval is { every }');
    if (connection?.element !== 'connection' || connection.synapse.model === undefined)
      invalid('connection', connection, 'a connection with a synapse model');
    const { every } = checkOptions('record.weights', options, ['every']);
    return Object.freeze({
      element: 'record-weights',
      connection,
      every: finite('every', every, { above: 0 }),
    });
  },
  mean(
    population: Postsynaptic,
    values: readonly string[] | Readonly<Record<string, string>>,
    every?: number,
    ...further: unknown[]
  ): Recorder {
    noFurther('record.mean', further, 'none after the interval; a slice selects neurons');
    if (!isTarget(population)) invalid('population', population, 'a population, or a slice of one');
    const isObject = typeof values === 'object' && values !== null;
    const named = !isObject
      ? []
      : Array.isArray(values)
        ? values.map((value: string): [string, string] => [value, value])
        : Object.entries(values as Readonly<Record<string, string>>);
    if (named.length === 0) invalid('values', values, 'states or expressions, or an object of them by name');
    const checked = named.map(([name, value]) => [text('values', name), text(`values.${name}`, value)]);
    return Object.freeze({
      element: 'record-means',
      population,
      values: Object.freeze(Object.fromEntries(checked) as Record<string, string>),
      ...(every === undefined ? {} : { every: finite('every', every, { above: 0 }) }),
    });
  },
  lfp(population: Postsynaptic, options: LfpOptions = {}, ...further: unknown[]): Recorder {
    noFurther('record.lfp', further, 'none; all options are one object: { every }');
    if (!isTarget(population)) invalid('population', population, 'a population, or a slice of one');
    const words = ['name', 'excitatory', 'inhibitory'] as const;
    const times = ['alpha', 'excitatoryDelay', 'inhibitoryDelay'] as const;
    const checked = checkOptions('lfp', options, [...words, ...times, 'every']);
    const entries = [
      ...words.flatMap((key) =>
        checked[key] === undefined ? [] : [[key, text(`lfp.${key}`, checked[key])]],
      ),
      ...times.flatMap((key) =>
        checked[key] === undefined ? [] : [[key, finite(`lfp.${key}`, checked[key], { min: 0 })]],
      ),
      ...(checked.every === undefined ? [] : [['every', finite('lfp.every', checked.every, { above: 0 })]]),
    ];
    return Object.freeze({ element: 'record-lfp', population, ...Object.fromEntries(entries) });
  },
});
