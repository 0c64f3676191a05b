/** A large network that runs: its states, rates and weights of the moment. */
import type { Recording } from '../../circuit/recording.ts';
import type { Simulation } from '../../circuit/simulation.ts';
import { onRecording } from '../../circuit/simulation-recordings.ts';
import { addon } from '../../engine/native.ts';
import { nodeName } from '../../figure/network-graph.ts';
import { CircuitGraph } from './circuit-graph.ts';
import type { GraphFacts, Quantity, QuantityValues, ViewedGraph } from './network-facts.ts';

/** The neuron of a population as the description has it: of the library, or with equations of its own. */
interface NeuronSpec {
  readonly model?: string;
  readonly equations?: { readonly states?: readonly { readonly name: string }[] };
}

export class SimulationGraph implements ViewedGraph {
  readonly #simulation: Simulation;
  readonly #described: CircuitGraph;
  readonly #changed = new Set<(number: number) => void>();
  readonly #stop: () => void;
  #last: Recording | undefined;
  #runs = 0;

  constructor(simulation: Simulation) {
    this.#simulation = simulation;
    this.#described = new CircuitGraph(simulation.description);
    this.#stop = onRecording(simulation, (recording) => {
      this.#last = recording;
      this.#runs += 1;
      for (const changed of this.#changed) changed(this.#runs);
    });
  }

  facts(): Omit<GraphFacts, 'name'> {
    const { nodes, edges, ...facts } = this.#described.facts();
    const neurons = new Map(
      this.#simulation.description.populations.map(({ name, neuron }) => [name, neuron as NeuronSpec]),
    );
    return {
      ...facts,
      nodes: nodes.map((node) => {
        if (node.kind !== 'population') return node;
        const states = statesOf(neurons.get(node.name)!);
        const live: Quantity[] = states.map((state) => ({ id: `state.${state}`, label: `${state} now` }));
        const rates: Quantity[] =
          this.#last?.recorded[node.name] === undefined
            ? []
            : [{ id: 'rates', label: 'rates of the last run (Hz)' }];
        return { ...node, quantities: [...live, ...rates, ...node.quantities] };
      }),
      edges: edges.map((edge) => ({
        ...edge,
        quantities: [
          { id: 'weights', label: 'weights now' },
          ...edge.quantities.filter(({ id }) => id !== 'weight'),
        ],
      })),
      isLive: true,
    };
  }

  async nodeValues(node: string, quantity: string): Promise<QuantityValues | undefined> {
    if (quantity.startsWith('state.')) {
      const values = await this.#simulation.get(node, quantity.slice('state.'.length));
      return { values: values as Float64Array, note: `at ${this.#simulation.time} ms` };
    }
    if (quantity === 'rates') return this.#rates(node);
    return this.#described.nodeValues(node, quantity);
  }

  async edgeValues(edge: number, quantity: string): Promise<QuantityValues | undefined> {
    if (quantity !== 'weights') return this.#described.edgeValues(edge, quantity);
    const { from, to } = this.#simulation.description.connections![edge]!;
    const [source, target] = [nodeName(from), nodeName(to)];
    const values = await this.#simulation.weights(source, target);
    return { values, note: `all synapses from ${source} to ${target} at ${this.#simulation.time} ms` };
  }

  onChange(changed: (number: number) => void): () => void {
    this.#changed.add(changed);
    return () => this.#changed.delete(changed);
  }

  close(): void {
    this.#stop();
  }

  #rates(node: string): QuantityValues | undefined {
    const last = this.#last;
    if (last?.recorded[node] === undefined) return undefined;
    const { ids, neurons } = last.of(node);
    const rates = new Float64Array(neurons);
    for (let i = 0; i < ids.length; i++) rates[ids[i]!]! += 1000 / last.duration;
    const { size } = last.populations[node]!;
    const some = neurons === size ? '' : `, ${neurons} recorded neurons of ${size}`;
    return { values: rates, note: `from ${last.start} to ${last.stop} ms${some}` };
  }
}

let tables: ReadonlyMap<string, readonly string[]> | undefined;

/** The names of a neuron's states. */
function statesOf({ model, equations }: NeuronSpec): readonly string[] {
  if (equations?.states !== undefined) return equations.states.map(({ name }) => name);
  if (tables === undefined) {
    const described = addon.describeModels();
    const { models } = JSON.parse(String(described)) as {
      models: { key: string; states: { name: string; init: unknown }[] }[];
    };
    // The refractory period and the like count steps.
    tables = new Map(
      models.map(({ key, states }) => [
        key,
        states.filter(({ init }) => init !== null).map(({ name }) => name),
      ]),
    );
  }
  return tables.get(model ?? '') ?? ['v'];
}
