/** What a population of an artificial network computes, found from its values. */
import { elementCount } from '../checks/tensor.ts';
import type { Description, NodeOf } from '../description/description.ts';
import { compileWith } from '../model/compile.ts';
import { type AnnGraph, notConverted } from './ann-graph.ts';

/** The function of a population; lists have one number per channel. */
export type Activation =
  | { readonly kind: 'identity' | 'relu' }
  | { readonly kind: 'clipped-relu'; readonly ceiling: Float64Array }
  | { readonly kind: 'quantized'; readonly theta: Float64Array; readonly levels: number };

/** Far above all that a network computes, and far from the largest number of double precision times 2^64. */
const large = 1e9;

/** Shares of the largest value, of no regular grid. */
const grid = Array.from({ length: 258 }, (_, k) => (k + 0.3819660112501051) / 256);

/** Numbers of levels that are looked for. */
const maxLevels = 2 ** 16;

/**
 * Finds the activation of a population by its values in double precision: an exporter writes the same staircase in many ways.
 *
 * @throws LapicqueError `unsupported` for any other function, and for a population with memory
 */
export async function activationOf(graph: AnnGraph, node: NodeOf<'dynamics'>): Promise<Activation> {
  const { model, options } = node.dynamics;
  const label = graph.label(node.name);
  if (model === 'rate-unit') {
    const { activation } = options;
    if (activation === 'identity' || activation === 'relu') return { kind: activation };
    throw notConverted(
      label,
      `the activation ${activation}; a spike rate is piecewise linear: relu, clipped relu, QCFS`,
    );
  }
  if (model !== 'custom')
    throw notConverted(label, 'a neuron with memory; populations of an artificial network have none');
  return new Probe(graph, node).activation();
}

class Probe {
  readonly #node: NodeOf<'dynamics'>;
  readonly #label: string;
  readonly #channels: number;
  readonly #pixels: number;
  readonly #neurons: number;

  constructor(graph: AnnGraph, node: NodeOf<'dynamics'>) {
    this.#node = node;
    this.#label = graph.label(node.name);
    const [channels, ...pixels] = graph.shape(node.name) as [number, ...number[]];
    this.#pixels = elementCount(pixels);
    const differ = Object.values(node.dynamics.params).some((value) => typeof value !== 'number');
    this.#neurons = differ ? channels : 1;
    this.#channels = channels;
  }

  async activation(): Promise<Activation> {
    const ends = [-large, -1, -1e-6, 0, 1e-3, 1, large];
    const at = await this.#values(ends.map((x) => new Float64Array(this.#neurons).fill(x)));
    if (at.every((values, k) => values.every((y) => near(y, ends[k]!)))) return { kind: 'identity' };
    if (!at.slice(0, 4).every((values) => values.every((y) => y === 0)))
      throw this.#refusal('it is not 0 below 0');
    const top = at.at(-1)!;
    if (at.every((values, k) => values.every((y) => near(y, Math.max(0, ends[k]!))))) return { kind: 'relu' };
    if (!top.every((y) => Number.isFinite(y) && y > 0 && y < large / 2))
      throw this.#refusal('it has neither a largest value nor the slope 1');
    return this.#bounded(top);
  }

  /** A ramp or a staircase up to `top`. */
  async #bounded(top: Float64Array): Promise<Activation> {
    if (await this.#matches(top, grid, (share) => Math.min(1, share)))
      return { kind: 'clipped-relu', ceiling: this.#perChannel(top) };
    for (let L = 1; L <= maxLevels; L *= 2) {
      // Between 1/2 and 3/2 of the lowest step for every number of levels from L to 2 L - 1.
      const [values] = (await this.#values([top.map((y) => (y * 0.75) / L)])) as [Float64Array];
      const levels = Math.round(top[0]! / values[0]!);
      if (levels >= L && levels < 2 * L && (await this.#isStaircase(top, levels)))
        return { kind: 'quantized', theta: this.#perChannel(top), levels };
    }
    throw this.#refusal('it is neither relu, nor a clipped relu, nor θ/L clip(⌊x L/θ + 1/2⌋, 0, L)');
  }

  /** Whether the function rises in equal steps, half of one after 0. */
  async #isStaircase(top: Float64Array, levels: number): Promise<boolean> {
    const stair = (share: number) => Math.min(levels, Math.max(0, Math.floor(share * levels + 0.5))) / levels;
    // Both sides of some switching points, and the grid where it does not meet one.
    const ends = [...new Set([0, 1, levels >> 1, levels - 1, levels])].flatMap((k) => [
      (k - 0.499) / levels,
      (k + 0.499) / levels,
    ]);
    const clear = grid.filter((share) => Math.abs(((share * levels) % 1) - 0.5) > 1e-4);
    return (await this.#matches(top, ends, stair)) && this.#matches(top, clear, stair);
  }

  /** Whether the function is this one at shares of `top`, in units of it. */
  async #matches(
    top: Float64Array,
    shares: readonly number[],
    expected: (share: number) => number,
  ): Promise<boolean> {
    const at = await this.#values(shares.map((share) => top.map((y) => y * share)));
    return at.every((values, k) => values.every((y, i) => near(y, top[i]! * expected(shares[k]!))));
  }

  /** The function of the population at points, `[neurons]` each. */
  async #values(points: readonly Float64Array[]): Promise<Float64Array[]> {
    const n = this.#neurons;
    const { shared: _, learn: __, params, ...rest } = this.#node.dynamics;
    const own = Object.entries(params).map(([name, value]) => [name, this.#firstPixels(name, value)]);
    const dynamics = { ...rest, params: Object.fromEntries(own) as typeof params };
    const description: Description = {
      schema: 1,
      dt: 1,
      precision: 'f64',
      seed: 0,
      input: { size: n },
      nodes: [{ kind: 'dynamics', name: 'probe', neurons: n, dynamics }],
      edges: [['input', 'probe']],
      output: 'probe',
    };
    using model = await compileWith('unset', description);
    const [layer] = model.info.layers;
    if (layer?.spiking !== false || layer.states.length !== 1 || layer.ports.length !== 1)
      throw this.#refusal('it spikes, or has several states or inputs');
    const x = new Float64Array(points.length * n);
    points.forEach((values, k) => {
      x.set(values, k * n);
    });
    // Two steps with the same input: a unit without memory gives the same twice.
    const both = new Float64Array(2 * x.length);
    both.set(x);
    both.set(x, x.length);
    const { v } = await model.run({ x: both, shape: [2, points.length, n] });
    const first = v.subarray(0, x.length);
    if (first.some((y, i) => y !== v[x.length + i])) throw this.#refusal('it has memory');
    return points.map((_, k) => Float64Array.from(first.subarray(k * n, (k + 1) * n)));
  }

  #perChannel(values: Float64Array): Float64Array {
    if (this.#neurons === 1) return new Float64Array(this.#channels).fill(values[0]!);
    return values;
  }

  /** One number per channel of a parameter that has one per neuron. */
  #firstPixels(name: string, value: number | readonly number[]): number | readonly number[] {
    if (typeof value === 'number' || this.#pixels === 1) return value;
    const channels = Array.from({ length: this.#channels }, (_, c) => value[c * this.#pixels]!);
    if (value.some((one, i) => one !== channels[Math.floor(i / this.#pixels)]))
      throw this.#refusal(`${name} differs between the pixels of a channel`);
    return channels;
  }

  #refusal(reason: string): Error {
    return notConverted(this.#label, reason);
  }
}

/** Equal within rounding. */
function near(a: number, b: number): boolean {
  return Math.abs(a - b) <= 1e-9 * Math.max(Math.abs(a), Math.abs(b), 1e-12);
}
