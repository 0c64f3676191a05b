/** How spikes get from populations to a layer: through flattening, sums and pools. */
import type { Weights } from '../compiled/compiled-model.ts';
import type { Description, NodeOf, NodeSpec } from '../description/description.ts';
import { isCounter, isIncrement } from '../neurons/max-pool.ts';
import { refuse } from './refusal.ts';

/** A node of neurons. */
export type PopulationNode = NodeOf<'dynamics'>;
type Edge = Description['edges'][number];
type PoolNode = NodeOf<'pool'>;

/** One way of spikes to a layer. */
export interface Route {
  /** `'input'` or a population. */
  readonly from: string;
  /** Whether the spikes of the previous step arrive. */
  readonly late: boolean;
  /** Pixels along each side of a pool. */
  readonly pool?: number;
  /** Absent for the sum. */
  readonly pooling?: 'max' | 'max-total';
  /** What each count is multiplied by: 1 / pixels of an average pool. */
  readonly factor: number;
  /** More of them, one for each channel of the source. */
  readonly channelFactors?: Float64Array;
}

type Part = Omit<Route, 'from'>;

/** A max pool of spike counts, as a conversion makes it: counter, pool, increment. */
interface CountPool {
  readonly counter: string;
  readonly pool: PoolNode;
  readonly source: string;
}

/** Models whose populations give their potential. */
const silent = ['li', 'cuba-li'];

export class Routes {
  readonly #nodes: ReadonlyMap<string, NodeSpec>;
  readonly #edges: readonly Edge[];
  readonly #weights: Readonly<Record<string, Weights>>;
  /** By the population behind the pool. */
  readonly #countPools = new Map<string, CountPool>();

  constructor({ nodes, edges }: Description, weights: Readonly<Record<string, Weights>>) {
    this.#weights = weights;
    this.#nodes = new Map(nodes.map((node) => [node.name, node]));
    this.#edges = edges;
    for (const node of nodes) {
      const pool = this.#countPool(node);
      if (pool !== undefined) this.#countPools.set(node.name, pool);
    }
  }

  node(name: string): NodeSpec | undefined {
    return this.#nodes.get(name);
  }

  into(name: string): readonly Edge[] {
    return this.#edges.filter(([, to]) => to === name);
  }

  /** The populations without those that belong to a max pool of counts. */
  get populations(): readonly PopulationNode[] {
    const parts = new Set([...this.#countPools].flatMap(([name, { counter }]) => [name, counter]));
    return [...this.#nodes.values()].filter(
      (node): node is PopulationNode => node.kind === 'dynamics' && !parts.has(node.name),
    );
  }

  /** The ways to the end of an edge. @throws LapicqueError `unsupported`, which names the layer */
  along(edge: Edge, part: Part = { late: false, factor: 1 }): readonly Route[] {
    const [from, to, how] = edge;
    if (how?.state !== undefined && how.state !== 'spikes') refuse(`${to}: the state ${how.state} as input`);
    const extended = { ...part, late: part.late || how?.delayed === true };
    if (from === 'input') return [{ ...extended, from }];
    const node = this.#nodes.get(from)!;
    if (isFactor(node)) return this.#throughFactors(from, extended);
    switch (node.kind) {
      case 'dynamics': {
        const counts = this.#countPools.get(from);
        if (counts !== undefined)
          return [
            { ...extended, ...pooled(counts.pool, extended), pooling: 'max-total', from: counts.source },
          ];
        if (silent.includes(node.dynamics.model))
          refuse(`${to}: its input is the potential of ${from}, and not spikes`);
        return [{ ...extended, from }];
      }
      case 'flatten':
      case 'dropout':
      case 'add':
        return this.into(from).flatMap((edge) => this.along(edge, extended));
      case 'pool':
        return this.#throughPool(node, extended);
      default:
        return refuse(`${to}: its input is ${from}, a ${node.kind} layer, and not spikes`);
    }
  }

  #throughFactors(name: string, part: Part): readonly Route[] {
    const own = Float64Array.from(this.#weights[`${name}.weight`]!);
    if (part.pooling !== undefined && own.some((factor) => factor < 0))
      refuse(`${name}: a negative factor in front of a max pool`);
    const { channelFactors: behind } = part;
    if (behind !== undefined && behind.length !== own.length)
      refuse(`${name}: factors in front of others of another shape`);
    const channelFactors = own.map((factor, c) => factor * (behind?.[c] ?? 1));
    return this.into(name).flatMap((edge) => this.along(edge, { ...part, channelFactors }));
  }

  #throughPool(node: PoolNode, part: Part): readonly Route[] {
    const size = pooled(node, part);
    if (node.pooling === 'max') {
      const routes = this.into(node.name).flatMap((edge) =>
        this.along(edge, { ...part, ...size, pooling: 'max' }),
      );
      if (routes.length > 1)
        refuse(
          `${node.name}: a max pool of a sum; an average pool, or a population in front of the pool, would do`,
        );
      return routes;
    }
    const factor = node.pooling === 'average' ? part.factor / size.pool ** 2 : part.factor;
    return this.into(node.name).flatMap((edge) => this.along(edge, { ...part, ...size, factor }));
  }

  #countPool(node: NodeSpec): CountPool | undefined {
    if (node.kind !== 'dynamics' || !isIncrement(node.dynamics)) return undefined;
    const only = (name: string) => {
      const [edge, ...others] = this.into(name);
      return others.length === 0 && edge?.[2] === undefined ? this.#nodes.get(edge?.[0] ?? '') : undefined;
    };
    const pool = only(node.name);
    if (pool?.kind !== 'pool' || pool.pooling !== 'max') return undefined;
    const counter = only(pool.name);
    if (counter?.kind !== 'dynamics' || !isCounter(counter.dynamics)) return undefined;
    const source = only(counter.name);
    if (source?.kind !== 'dynamics' || silent.includes(source.dynamics.model)) return undefined;
    return { counter: counter.name, pool, source: source.name };
  }
}

/** Whether a layer multiplies each channel, or each neuron, by a factor. */
function isFactor(node: NodeSpec): boolean {
  if (node.kind === 'one-to-one') return (node.parts ?? 1) === 1 && node.shared !== true;
  if (node.kind !== 'conv' || node.bias || node.outputPadding !== undefined) return false;
  const { groups, in: inputs, out, kernel, stride, padding } = node;
  const all = (sizes: readonly number[], size: number) => sizes.every((own) => own === size);
  return groups === inputs && inputs === out && all(kernel, 1) && all(stride, 1) && all(padding, 0);
}

/** The size of a pool. @throws LapicqueError `unsupported` for a pool that is not square, overlaps, is padded, or follows another pool */
function pooled({ name, kernel, stride, padding, pooling }: PoolNode, part: Part): { pool: number } {
  const [size = 0] = kernel;
  const isPlain =
    kernel.length === 2 &&
    kernel.every((extent) => extent === size) &&
    stride.every((extent) => extent === size) &&
    padding.every((extent) => extent === 0);
  if (!isPlain)
    refuse(
      `${name}: this ${pooling} pool (kernel ${kernel.join(' x ')}, stride ${stride.join(' x ')}, padding ${padding.join(' x ')}); square pools whose stride is their kernel, without padding, would do`,
    );
  if (part.pool !== undefined)
    refuse(`${name}: a pool in front of another pool; one pool, or a population between them, would do`);
  return { pool: size };
}
