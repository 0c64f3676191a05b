/** Collects the elements of a large network into one description. */
import { invalid } from '../checks/check.ts';
import { type CircuitDescription, type Parts, version } from './description.ts';
import type { Connection } from './elements/connection.ts';
import type { CircuitElement } from './elements/elements.ts';
import type { GapJunctions } from './elements/gap-junctions.ts';
import {
  type NeuronsSpec,
  type Population,
  type Presynaptic,
  rangeOf,
  type SpikeSource,
  whole,
} from './elements/populations.ts';
import type { Recorder } from './elements/recorders.ts';
import type { Rule } from './elements/rule.ts';
import { recorded } from './record-description.ts';

/** Populations and sources that an element refers to. */
function referredTo(name: string, element: CircuitElement): readonly (Population | SpikeSource)[] {
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
      return invalid(name, element, 'a population, a source, connect(…), record.…(…) or a circuit(…)');
  }
}

/** A network among the elements of another. */
export interface WholeCircuit {
  readonly description: CircuitDescription;
  parts(): Parts;
}

/** Writes the description of a network, and stores which entry each element became. */
export class CircuitWriter implements Parts {
  readonly names = new Map<Population | SpikeSource, string>();
  readonly connections: (Connection | undefined)[] = [];
  readonly inputs: (Connection | undefined)[] = [];
  readonly #cells: Population[] = [];
  readonly #sources: SpikeSource[] = [];
  readonly #elements: readonly CircuitElement[];
  /** Networks that this network contains. */
  readonly #circuits: readonly WholeCircuit[];

  /** @param isNetwork - whether a value is a network; otherwise it is an element */
  constructor(
    elements: readonly (CircuitElement | WholeCircuit)[],
    isNetwork: (one: unknown) => one is WholeCircuit,
  ) {
    this.#circuits = elements.filter(isNetwork);
    this.#elements = elements.filter((one): one is CircuitElement => !isNetwork(one));
    const again = elements.findIndex((one, i) => isNetwork(one) && elements.indexOf(one) < i);
    if (again >= 0) invalid(`network[${again}]`, elements[again], 'each network once');
    for (const circuit of this.#circuits) {
      const { names, connections, inputs } = circuit.parts();
      for (const [node, name] of names) {
        const registered = this.names.get(node) ?? name;
        // The connections of the contained network use its names.
        if (registered !== name) invalid('circuit', `${registered}, ${name}`, 'one name for each population');
        this.#add(node, name);
      }
      this.connections.push(...(circuit.description.connections ?? []).map((_, i) => connections[i]));
      this.inputs.push(...(circuit.description.inputs ?? []).map((_, i) => inputs[i]));
    }
    elements.forEach((element, i) => {
      if (isNetwork(element)) return;
      for (const node of referredTo(`network[${i}]`, element)) this.#add(node);
      if (element.element === 'connection') this.connections.push(element);
      if (element.element === 'input') this.inputs.push(element);
    });
  }

  /** Adds a population or source and names it, unless it is there already. */
  #add(node: Population | SpikeSource, name = node.name): void {
    if (this.names.has(node)) return;
    const isSource = node.element === 'spike-source';
    const kind = isSource ? 'source' : node.neuron.model;
    const number = isSource ? this.#sources.push(node) : this.#cells.push(node);
    this.names.set(node, name ?? `${kind}${number}`);
  }

  #name(node: Population | SpikeSource): string {
    return this.names.get(node)!;
  }

  #neurons(node: Presynaptic): NeuronsSpec {
    const of = whole(node);
    const name = this.#name(of);
    return of === node ? name : { of: name, ...rangeOf(node) };
  }

  description(): CircuitDescription {
    const own = <K extends CircuitElement['element']>(kind: K) =>
      this.#elements.filter(
        (element): element is CircuitElement & { element: K } => element.element === kind,
      );
    const parts = this.#circuits.map(({ description }) => description);
    const gaps = [
      ...parts.flatMap((part) => part.gaps ?? []),
      ...own('gap-junctions').map((gap) => this.#gap(gap)),
    ];
    const steps = new Set(parts.flatMap(({ dt }) => dt ?? []));
    if (steps.size > 1) invalid('circuit.dt', [...steps], 'networks of one time step');
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
      named: (node) => this.#name(whole(node) as Population),
      neurons: (node) => this.#neurons(node),
    });
  }
}
