/**
 * Interprets a NIR graph by forward Euler, written from the equations in the NIR documentation and the rules of the side-cars of 06_nir. It shares no
 * code with the reader or the engine, so tests compare both with it. Supports flat graphs with one Input and one Output.
 */
import type { NirGraph, NirNode, NirTensor } from '../../src-ts/doors/files.ts';

type Values = number[];

const tensor = (node: NirNode, key: string) => node.fields.get(key) as NirTensor;

/** The input of the Output node at each step. @param x - one list per step; @param dt - s */
export function nirEuler(graph: NirGraph, x: readonly Values[], dt: number): Values[] {
  const nodes = graph.nodes as ReadonlyMap<string, NirNode>;
  const named = (type: string) => [...nodes].find(([, node]) => node.type === type)![0];
  const [start, end] = [named('Input'), named('Output')];
  const closing = backEdges(graph, start);
  const order = topological(graph, closing);
  const shapes = new Map<string, readonly number[]>();
  const states = new Map<string, Values>();
  let before = new Map<string, Values>();
  return x.map((input) => {
    const now = new Map<string, Values>();
    for (const name of order) {
      const node = nodes.get(name)!;
      let arrives: Values | undefined = name === start ? [...input] : undefined;
      let shape = name === start ? Array.from(tensor(node, 'shape').data) : undefined;
      for (const [from, to] of graph.edges) {
        if (to !== name) continue;
        shape ??= shapes.get(from)?.slice();
        const incoming = (closing.has(`${from}>${to}`) ? before : now).get(from);
        if (incoming === undefined) continue;
        arrives = arrives === undefined ? [...incoming] : arrives.map((value, i) => value + incoming[i]!);
      }
      const [values, after] = compute(name, node, arrives, shape, states, dt);
      now.set(name, values);
      shapes.set(name, after);
    }
    before = now;
    return now.get(end)!;
  });
}

/** The edges that close a cycle in a depth-first search from the input, in the order of the edges. */
function backEdges({ edges }: NirGraph, start: string): Set<string> {
  const [underway, done, back] = [new Set<string>(), new Set<string>(), new Set<string>()];
  const visit = (node: string) => {
    underway.add(node);
    for (const [from, to] of edges) {
      if (from !== node) continue;
      if (underway.has(to)) back.add(`${from}>${to}`);
      else if (!done.has(to)) visit(to);
    }
    underway.delete(node);
    done.add(node);
  };
  visit(start);
  return back;
}

function topological({ nodes, edges }: NirGraph, closing: ReadonlySet<string>): string[] {
  const order: string[] = [];
  const seen = new Set<string>();
  const visit = (name: string) => {
    if (seen.has(name)) return;
    seen.add(name);
    for (const [from, to] of edges) if (to === name && !closing.has(`${from}>${to}`)) visit(from);
    order.push(name);
  };
  for (const name of nodes.keys()) visit(name);
  return order;
}

function compute(
  name: string,
  node: NirNode,
  arrives: Values | undefined,
  shape: number[] | undefined,
  states: Map<string, Values>,
  dt: number,
): [Values, readonly number[]] {
  const all = (key: string, n: number) => {
    const { data } = tensor(node, key);
    return Array.from({ length: n }, (_, i) => data[data.length === 1 ? 0 : i]!);
  };
  const wide = (key: string) => {
    const { data, shape: own } = tensor(node, key);
    return data.length === 1 && arrives !== undefined
      ? { n: arrives.length, own: shape! }
      : { n: data.length, own };
  };
  const state = (key: string, initial: Values) => states.get(`${name}.${key}`) ?? initial;
  switch (node.type) {
    case 'Input':
    case 'Output':
      return [arrives ?? [], shape ?? []];
    case 'Affine':
    case 'Linear': {
      const { data, shape: size } = tensor(node, 'weight');
      const [out, inputs] = size as [number, number];
      const bias = node.type === 'Affine' ? all('bias', out) : new Array(out).fill(0);
      const sum = (o: number) => {
        let total = bias[o]!;
        for (let i = 0; i < inputs; i++) total += data[o * inputs + i]! * (arrives?.[i] ?? 0);
        return total;
      };
      return [Array.from({ length: out }, (_, o) => sum(o)), [out]];
    }
    case 'Scale': {
      const { n, own } = wide('scale');
      const scale = all('scale', n);
      return [scale.map((s, i) => s * (arrives?.[i] ?? 0)), own];
    }
    case 'Threshold': {
      const { n, own } = wide('threshold');
      return [all('threshold', n).map((limit, i) => ((arrives?.[i] ?? 0) > limit ? 1 : 0)), own];
    }
    case 'Delay': {
      const { n, own } = wide('delay');
      const past = state('past', []);
      past.push(...(arrives ?? new Array(n).fill(0)));
      states.set(`${name}.past`, past);
      const step = past.length / n - 1;
      const steps = all('delay', n).map((s) => Math.round(s / dt));
      return [steps.map((lag, i) => (lag > step ? 0 : past[(step - lag) * n + i]!)), own];
    }
    case 'SumPool2d':
    case 'AvgPool2d': {
      const [channels, height, width] = shape as [number, number, number];
      const [size, stride, padding] = ['kernel_size', 'stride', 'padding'].map((key) => all(key, 1)[0]!) as [
        number,
        number,
        number,
      ];
      const side = (pixels: number) => Math.floor((pixels + 2 * padding - size) / stride) + 1;
      const [h, w] = [side(height), side(width)];
      const factor = node.type === 'SumPool2d' ? 1 : 1 / size ** 2;
      const values: Values = [];
      for (let c = 0; c < channels; c++)
        for (let y = 0; y < h; y++)
          for (let z = 0; z < w; z++) {
            let total = 0;
            for (let a = 0; a < size; a++)
              for (let b = 0; b < size; b++) {
                const [row, column] = [y * stride - padding + a, z * stride - padding + b];
                if (row < 0 || row >= height || column < 0 || column >= width) continue;
                total += arrives?.[(c * height + row) * width + column] ?? 0;
              }
            values.push(factor * total);
          }
      return [values, [channels, h, w]];
    }
    case 'Flatten':
      return [arrives ?? [], [(shape ?? []).reduce((product, size) => product * size, 1)]];
    default:
      return neuron(name, node, arrives, wide('r'), all, states, dt);
  }
}

function neuron(
  name: string,
  node: NirNode,
  arrives: Values | undefined,
  { n, own }: { n: number; own: readonly number[] },
  all: (key: string, n: number) => Values,
  states: Map<string, Values>,
  dt: number,
): [Values, readonly number[]] {
  const zeros = new Array<number>(n).fill(0);
  const leaks = node.fields.has('v_leak');
  const rest = leaks ? all('v_leak', n) : zeros;
  let u = arrives ?? zeros;
  if (node.fields.has('tau_syn')) {
    const [tau, weight] = [all('tau_syn', n), node.fields.has('w_in') ? all('w_in', n) : zeros.map(() => 1)];
    const old = states.get(`${name}.i`) ?? zeros;
    u = old.map((i, k) => i + (dt / tau[k]!) * (weight[k]! * u[k]! - i));
    states.set(`${name}.i`, u);
  }
  const r = all('r', n);
  const tau = leaks ? all(node.fields.has('tau') ? 'tau' : 'tau_mem', n) : zeros;
  const old = states.get(`${name}.v`) ?? rest;
  const v = old.map((at, k) =>
    leaks ? at + (dt / tau[k]!) * (rest[k]! - at + r[k]! * u[k]!) : at + dt * r[k]! * u[k]!,
  );
  if (!node.fields.has('v_threshold')) {
    states.set(`${name}.v`, v);
    return [v, own];
  }
  const [limit, reset] = [all('v_threshold', n), node.fields.has('v_reset') ? all('v_reset', n) : zeros];
  const spikes = v.map((at, k) => (at > limit[k]! ? 1 : 0));
  states.set(
    `${name}.v`,
    v.map((at, k) => (spikes[k] === 1 ? reset[k]! : at)),
  );
  return [spikes, own];
}
