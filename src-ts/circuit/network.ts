/** A large network as data: what its elements say, collected for the engine and for files. */
import { invalid } from '../check.ts';
import { type Values, valuesOf } from './distribution.ts';
import type { Cells, Connection, NetworkElement, Recorder, SpikeSource } from './elements.ts';
import type { Rule } from './rule.ts';
import { type CompileOptions, compile, type Simulation } from './simulation.ts';

/** The version of {@link CircuitDescription}; a newer one is refused. */
const version = 1;

/** A network as plain data, the content of a network file. Units: ms, mV, pA, nS, Hz. */
export interface CircuitDescription {
  readonly version: number;
  readonly populations: readonly {
    readonly name: string;
    readonly size: number;
    /** As a layer has it: `{ model, params, options }`. */
    readonly neuron: object;
    readonly initial?: Readonly<Record<string, Values>>;
  }[];
  readonly sources?: readonly { readonly name: string; readonly trains: readonly ArrayLike<number>[] }[];
  readonly connections?: readonly {
    /** Names of a population or source, and of a population. */
    readonly from: string;
    readonly to: string;
    readonly rule: { readonly kind: string } & object;
    readonly weight: Values;
    readonly delay: Values;
    readonly port?: string;
    readonly autapses?: boolean;
    readonly multapses?: boolean;
    /** How synapses change: `{ model, params, options }`. */
    readonly synapse?: object;
    /** The population or source whose spikes modulate the rule. */
    readonly modulator?: string;
  }[];
  /** `{ kind: 'poisson' | 'normal' | 'current', to, port?, … }` */
  readonly inputs?: readonly object[];
  readonly record?: {
    /** Populations whose spikes are kept; all when left out. */
    readonly spikes?: readonly string[];
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

  /** @internal */
  constructor(description: CircuitDescription) {
    this.description = description;
    Object.freeze(this);
  }

  /**
   * Draws the wiring and puts the neurons at their start.
   *
   * @throws LapicqueError `unknown-name`, `invalid-parameter`, `shape-mismatch` with the path of what is wrong; `too-large`
   * before anything is built
   */
  compile(options: CompileOptions = {}): Promise<Simulation> {
    return compile(this.description, options);
  }

  /** The description with lists in place of typed arrays; {@link networkOf} reads it. */
  toJSON(): CircuitDescription {
    const text = JSON.stringify(this.description, (_key, value: unknown) =>
      ArrayBuffer.isView(value) ? Array.from(value as unknown as ArrayLike<number>) : value,
    );
    return JSON.parse(text) as CircuitDescription;
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
  return new Circuit(new Writer(elements.flat() as NetworkElement[]).description());
}

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

/** Populations and sources that an element mentions. */
function mentioned(name: string, element: NetworkElement): readonly (Cells | SpikeSource)[] {
  switch (element?.element) {
    case 'population':
    case 'spike-source':
      return [element];
    case 'connection': {
      const { modulator } = element.synapse;
      return [element.from, element.to, ...(modulator === undefined ? [] : [modulator])];
    }
    case 'input':
      return [element.to];
    case 'record-traces':
      return [element.population];
    case 'record-spikes':
      return element.populations;
    case 'record-weights':
      return [];
    default:
      return invalid(name, element, 'a population, a source, connect(…) or record.…(…)');
  }
}

class Writer {
  readonly #names = new Map<Cells | SpikeSource, string>();
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
    if (this.#names.has(node)) return;
    const isSource = node.element === 'spike-source';
    const kind = isSource ? 'source' : node.neuron.model;
    const number = isSource ? this.#sources.push(node) : this.#cells.push(node);
    this.#names.set(node, node.name ?? `${kind}${number}`);
  }

  #name(node: Cells | SpikeSource): string {
    return this.#names.get(node)!;
  }

  description(): CircuitDescription {
    const connections = this.#elements.filter((element) => element.element === 'connection');
    const inputs = this.#elements.filter((element) => element.element === 'input');
    return Object.freeze({
      version,
      populations: this.#cells.map((cells) => ({
        name: this.#name(cells),
        size: cells.size,
        neuron: cells.neuron,
        initial: cells.initial,
      })),
      sources: this.#sources.map((source) => ({ name: this.#name(source), trains: source.trains })),
      connections: connections.map((connection) => this.#connection(connection)),
      inputs: inputs.map((input) => this.#input(input)),
      record: this.#record(connections),
    });
  }

  #connection({ from, to, rule, synapse }: Connection & { element: 'connection' }) {
    const { autapses, multapses, ...pairs } = rule as Rule;
    const { model, modulator, ...values } = synapse;
    return {
      from: this.#name(from),
      to: this.#name(to),
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
      to: this.#name(to),
      ...device,
      ...(weight === undefined ? {} : { weight }),
      ...(port === undefined ? {} : { port }),
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
          population: this.#name(population),
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
      ...(all ? {} : { spikes: [...chosen].map((cells) => this.#name(cells)) }),
      traces,
      ...(weights.length === 0 ? {} : { weights }),
    };
  }
}

/** The description for the engine: what is long in connections goes beside the JSON. @internal */
export function forEngine(description: CircuitDescription, dt: number) {
  const { version: _, ...parts } = description;
  const lists: { connection: number; [key: string]: number | Float64Array | Uint32Array }[] = [];
  const connections = (parts.connections ?? []).map((connection, i) => {
    const beside: (typeof lists)[number] = { connection: i };
    const { weight, delay, rule } = connection;
    const numbers = (name: 'weight' | 'delay', values: Values): Values => {
      const checked = Array.isArray(values) ? valuesOf(`connections[${i}].${name}`, values) : values;
      if (!ArrayBuffer.isView(checked)) return checked;
      beside[name] = checked as Float64Array;
      return [];
    };
    const given = { ...connection, weight: numbers('weight', weight), delay: numbers('delay', delay) };
    const { sources, targets } = rule as Rule;
    if (sources instanceof Uint32Array && targets instanceof Uint32Array) {
      Object.assign(beside, { sources, targets });
      given.rule = { ...rule, sources: [], targets: [] } as never;
    }
    if (Object.keys(beside).length > 1) lists.push(beside);
    return given;
  });
  const json = JSON.stringify({ ...parts, dt, connections }, (_key, value: unknown) =>
    ArrayBuffer.isView(value) ? Array.from(value as unknown as ArrayLike<number>) : value,
  );
  return { json, lists };
}
