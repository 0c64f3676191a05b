/** A large network by its description. */
import { unknownName } from '../../checks/check.ts';
import type { CircuitDescription } from '../../circuit/description.ts';
import type { SynapseValues, Values } from '../../circuit/elements/distribution.ts';
import { graphNodes, nodeName, weightSign } from '../../figure/network-graph.ts';
import { isSpread, spreadValues, valuesText } from './described-values.ts';
import type {
  EdgeFacts,
  Fact,
  GraphFacts,
  NodeFacts,
  Quantity,
  QuantityValues,
  ViewedGraph,
} from './network-facts.ts';

type Connection = NonNullable<CircuitDescription['connections']>[number];
type Described = Readonly<Record<string, Values>>;

/** The neuron of a population as the description has it. */
interface NeuronSpec {
  readonly model?: string;
  readonly params?: Described;
}

export class CircuitGraph implements ViewedGraph {
  readonly description: CircuitDescription;

  constructor(description: CircuitDescription) {
    this.description = description;
  }

  facts(): Omit<GraphFacts, 'name'> {
    const { connections = [] } = this.description;
    return {
      layout: 'circle',
      nodes: graphNodes(this.description).map((node) => this.#node(node)),
      edges: connections.map((connection) => edgeOf(connection)),
      isLive: false,
    };
  }

  async nodeValues(node: string, quantity: string): Promise<QuantityValues | undefined> {
    const population = this.description.populations.find(({ name }) => name === node);
    if (population === undefined) {
      const known = graphNodes(this.description).map(({ name }) => name);
      if (!known.includes(node)) throw unknownName('population', node, known);
      return undefined;
    }
    const [kind, name] = [
      quantity.slice(0, quantity.indexOf('.')),
      quantity.slice(quantity.indexOf('.') + 1),
    ];
    const all = kind === 'initial' ? (population.initial ?? {}) : paramsOf(population.neuron);
    return (kind === 'initial' || kind === 'param') && Object.hasOwn(all, name)
      ? spreadValues(all[name]!)
      : undefined;
  }

  async edgeValues(edge: number, quantity: string): Promise<QuantityValues | undefined> {
    const connection = this.description.connections![edge]!;
    if (quantity === 'weight') return spreadValues(connection.weight);
    return quantity === 'delay' ? spreadValues(connection.delay) : undefined;
  }

  #node({ name, size, isSource }: { name: string; size: number; isSource: boolean }): NodeFacts {
    if (isSource) {
      const { trains } = this.description.sources!.find((source) => source.name === name)!;
      const spikes = trains.reduce((sum, train) => sum + train.length, 0);
      const facts: Fact[] = [['spikes', spikes.toLocaleString('en')]];
      return { name, size, kind: 'source', model: 'spike source', facts, quantities: [] };
    }
    const { neuron, initial = {} } = this.description.populations.find((one) => one.name === name)!;
    const params = paramsOf(neuron);
    const inputs = (this.description.inputs ?? []) as readonly Record<string, unknown>[];
    const own = inputs.filter(({ to }) => nodeName(to as string | { of: string }) === name);
    return {
      name,
      size,
      kind: 'population',
      model: (neuron as NeuronSpec).model ?? 'custom',
      facts: [
        ...Object.entries(params).map(([key, value]): Fact => [key, valuesText(value)]),
        ...Object.entries(initial).map(([key, value]): Fact => [`initial ${key}`, valuesText(value)]),
        ...own.map((input): Fact => [`input ${String(input.name ?? input.kind)}`, inputText(input)]),
      ],
      quantities: [...quantitiesOf('param', '', params), ...quantitiesOf('initial', 'initial ', initial)],
    };
  }
}

function paramsOf(neuron: object): Described {
  return (neuron as NeuronSpec).params ?? {};
}

function quantitiesOf(kind: string, before: string, values: Described): Quantity[] {
  return Object.entries(values)
    .filter(([, value]) => isSpread(value))
    .map(([name]) => ({ id: `${kind}.${name}`, label: `${before}${name}` }));
}

function inputText(input: Readonly<Record<string, unknown>>): string {
  const numbers = Object.entries(input).flatMap(([key, value]) =>
    typeof value === 'number' ? [`${key} ${valuesText(value)}`] : [],
  );
  return [String(input.kind), ...numbers].join(', ');
}

/** @internal */
function edgeOf(connection: Connection): EdgeFacts {
  const { from, to, rule, weight, delay, synapse, port, name } = connection;
  const sign = weightSign(weight);
  const quantities = (['weight', 'delay'] as const).filter((key) => isSpread(connection[key]));
  const { kind, ...parameters } = rule as { kind: string } & Record<string, unknown>;
  const numbers = Object.entries(parameters).filter(
    ([, value]) => typeof value === 'number' || typeof value === 'string',
  );
  const ruleText = [kind, ...numbers.map(([key, value]) => `${key} ${value}`)].join(', ');
  const text = (label: string, values: SynapseValues, unit: string): Fact => [
    label,
    valuesText(values, unit),
  ];
  return {
    from: nodeName(from),
    to: nodeName(to),
    sign: sign < 0 ? 'inhibitory' : sign > 0 ? 'excitatory' : 'mixed',
    isDelayed: false,
    facts: [
      ...(name === undefined ? [] : [['name', name] as Fact]),
      ['rule', ruleText],
      text('weight', weight, ''),
      text('delay', delay, 'ms'),
      ...(port === undefined ? [] : [['port', port] as Fact]),
      ...(synapse === undefined
        ? []
        : [['plasticity', String((synapse as { model?: unknown }).model ?? 'custom')] as Fact]),
    ],
    quantities: quantities.map((id) => ({ id, label: id })),
  };
}
