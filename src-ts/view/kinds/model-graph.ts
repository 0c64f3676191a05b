/** The layers of a model. */
import { unknownName } from '../../checks/check.ts';
import type { NodeSpec } from '../../description/description.ts';
import type { Edge } from '../../layers/branches.ts';
import type { Model } from '../../model/model.ts';
import type { Fact, GraphFacts, NodeFacts, Quantity, QuantityValues, ViewedGraph } from './network-facts.ts';

/** The network's input, which is no node of a description. */
const input = 'input';

export class ModelGraph implements ViewedGraph {
  readonly #model: Model;

  constructor(model: Model) {
    this.#model = model;
  }

  facts(): Omit<GraphFacts, 'name'> {
    const { description } = this.#model;
    const { size, shape } = description.input;
    const first: NodeFacts = {
      ...{ name: input, size, kind: 'input', model: 'input', quantities: [] },
      facts: [['shape', `[${(shape ?? [size]).join(', ')}]`]],
    };
    return {
      layout: 'columns',
      nodes: [first, ...description.nodes.map((node) => this.#node(node))],
      edges: description.edges.map((edge: Edge) => {
        const [from, to, { state, port, delayed } = {}] = edge;
        const facts: Fact[] = [
          ...(state === undefined ? [] : [['state', state] as Fact]),
          ...(port === undefined ? [] : [['port', [port].flat().join(', ')] as Fact]),
          ...(delayed === true ? [['delay', 'one step'] as Fact] : []),
        ];
        return { from, to, sign: 'none', isDelayed: delayed === true || from === to, facts, quantities: [] };
      }),
      isLive: false,
    };
  }

  async nodeValues(node: string, quantity: string): Promise<QuantityValues | undefined> {
    const known = [input, ...this.#model.description.nodes.map(({ name }) => name)];
    if (!known.includes(node)) throw unknownName('layer', node, known);
    if (!this.#quantities(node).some(({ id }) => id === quantity)) return undefined;
    const values = (await this.#model.weights())[quantity];
    return values === undefined ? undefined : { values, note: `${this.#model.updates} optimizer steps` };
  }

  async edgeValues(): Promise<undefined> {
    return undefined;
  }

  #quantities(node: string): Quantity[] {
    return this.#model.info.parameters
      .filter(({ name }) => name.startsWith(`${node}.`))
      .map(({ name }) => ({ id: name, label: name.slice(node.length + 1) }));
  }

  #node(node: NodeSpec): NodeFacts {
    const { info } = this.#model;
    const { kind, name } = node;
    const layer = info.layers.find((one) => one.name === name);
    const projection = info.projections.find((one) => one.name === name);
    const shape = layer?.shape ?? info.maps.find((one) => one.name === name)?.shape;
    const size = layer?.neurons ?? projection?.outputs ?? shape?.reduce((a, b) => a * b, 1) ?? 0;
    const parameters = info.parameters.filter((one) => one.name.startsWith(`${name}.`));
    const plain = Object.entries(kind === 'dynamics' ? (node.dynamics.params ?? {}) : node).filter(
      ([key, value]) => key !== 'kind' && key !== 'name' && isPlain(value),
    );
    return {
      name,
      size,
      kind: kind === 'dynamics' ? 'population' : 'layer',
      model: kind === 'dynamics' ? String((node.dynamics as { model?: unknown }).model ?? 'custom') : kind,
      facts: [
        ...(shape === undefined ? [] : [['shape', `[${shape.join(', ')}]`] as Fact]),
        ...plain.map(
          ([key, value]): Fact => [key, Array.isArray(value) ? `[${value.join(', ')}]` : String(value)],
        ),
        ...parameters.map(
          (one): Fact => [
            one.name.slice(name.length + 1),
            `[${one.shape.join(', ')}]${one.trainable ? '' : ', not trained'}`,
          ],
        ),
      ],
      quantities: this.#quantities(name),
    };
  }
}

function isPlain(value: unknown): boolean {
  if (Array.isArray(value)) return value.length <= 8 && value.every((one) => typeof one === 'number');
  return ['number', 'string', 'boolean'].includes(typeof value);
}
