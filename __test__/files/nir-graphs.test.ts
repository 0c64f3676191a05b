// NIR graphs against an independent interpreter of the NIR equations: random graphs, cycles, images, subgraphs, several inputs.
import test from 'ava';
import {
  isNirGraph,
  type NirGraph,
  type NirNode,
  type NirTensor,
  nirBytes,
  readNirGraph,
} from '../../src-ts/doors/files.ts';
import { modelOfNir } from '../../src-ts/nir/import.ts';
import { failure } from '../support/errors.ts';
import { nirEuler } from '../support/nir-euler.ts';
import { field, inputNode, lifNode, nirGraph, node, outputNode } from '../support/nir-graphs.ts';
import { random } from '../support/numbers.ts';

/** The values of the first Output, one list per step. */
async function outputs(source: NirGraph, x: readonly number[][], dt: number): Promise<number[][]> {
  const { model, report } = await modelOfNir(source, { dt: dt * 1000, framework: 'nir', precision: 'f64' });
  const [out] = report.outputs;
  const recording = `${out!.layer}.${out!.value}`;
  const flat = Float64Array.from(x.flat());
  const { recordings } = await model.run(
    { x: flat, shape: [x.length, 1, x[0]!.length] },
    { record: [recording] },
  );
  const values = Array.from(recordings[recording]!);
  model.dispose();
  return x.map((_, step) =>
    values.slice((step * values.length) / x.length, ((step + 1) * values.length) / x.length),
  );
}

/** A random graph with branches and cycles. */
function randomGraph(seed: number): { graph: NirGraph; inputs: number } {
  const next = random(seed);
  const between = (low: number, high: number) => low + (high - low) * next();
  const whole = (low: number, high: number) => Math.floor(between(low, high + 1));
  const list = (n: number, low: number, high: number) =>
    field(Array.from({ length: n }, () => between(low, high)));
  const inputs = whole(2, 5);
  const nodes: Record<string, NirNode> = { in: inputNode(inputs) };
  const edges: [string, string][] = [];
  const width = new Map([['in', inputs]]);
  const spiking = (n: number) => ({ v_threshold: list(n, 0.2, 0.6), v_reset: list(n, -0.1, 0.1) });
  const leaky = (n: number) => ({ r: list(n, 0.5, 2), v_leak: list(n, -0.1, 0.1) });
  const made: Record<string, (n: number) => NirNode> = {
    LIF: (n) => node('LIF', { tau: list(n, 2e-3, 1e-2), ...leaky(n), ...spiking(n) }),
    LI: (n) => node('LI', { tau: list(n, 2e-3, 1e-2), ...leaky(n) }),
    IF: (n) => node('IF', { r: list(n, 100, 900), ...spiking(n) }),
    I: (n) => node('I', { r: list(n, 10, 90) }),
    CubaLIF: (n) =>
      node('CubaLIF', {
        tau_mem: list(n, 2e-3, 1e-2),
        tau_syn: list(n, 2e-3, 1e-2),
        w_in: list(n, 0.5, 2),
        ...leaky(n),
        ...spiking(n),
      }),
    CubaLI: (n) =>
      node('CubaLI', {
        tau_mem: list(n, 2e-3, 1e-2),
        tau_syn: list(n, 2e-3, 1e-2),
        w_in: field(1.5),
        ...leaky(n),
      }),
    Threshold: (n) => node('Threshold', { threshold: list(n, 0, 0.5) }),
    Scale: (n) => node('Scale', { scale: list(n, -1, 1) }),
    Delay: (n) => node('Delay', { delay: field(Array.from({ length: n }, () => whole(0, 4) * 1e-3)) }),
  };
  let last = 'in';
  const count = whole(2, 8);
  for (let i = 0; i < count; i++) {
    const name = `n${i}`;
    const n = width.get(last)!;
    if (next() < 0.4) {
      const out = whole(2, 5);
      const bias = next() < 0.6;
      const weight = field(
        Array.from({ length: n * out }, () => between(-1, 1.2)),
        [out, n],
      );
      nodes[name] = bias
        ? node('Affine', { weight, bias: list(out, -0.2, 0.4) })
        : node('Linear', { weight });
      width.set(name, out);
    } else {
      const kinds = Object.keys(made);
      nodes[name] = made[kinds[whole(0, kinds.length - 1)]!]!(n);
      width.set(name, n);
    }
    edges.push([last, name]);
    last = name;
  }
  // Add up to two feedback projections around nodes without a Delay, and in half of the graphs a skip edge.
  const names = Object.keys(nodes).filter((name) => name !== 'in');
  for (let k = whole(0, 2); k > 0; k--) {
    const [a, b] = [whole(0, names.length - 1), whole(0, names.length - 1)].sort((p, q) => p - q) as [
      number,
      number,
    ];
    const [from, to] = [names[b]!, names[a]!];
    const takes =
      nodes[to]!.type === 'Affine' || nodes[to]!.type === 'Linear'
        ? (nodes[to]!.fields.get('weight') as NirTensor).shape[1]!
        : width.get(to)!;
    const inside = names.slice(a, b + 1);
    if (inside.some((name) => nodes[name]!.type === 'Delay')) continue;
    const back = `b${k}`;
    const weight = field(
      Array.from({ length: width.get(from)! * takes }, () => between(-0.6, 0.6)),
      [takes, width.get(from)!],
    );
    nodes[back] =
      next() < 0.5 ? node('Affine', { weight, bias: list(takes, -0.1, 0.2) }) : node('Linear', { weight });
    edges.push([from, back], [back, to]);
  }
  if (names.length > 2 && next() < 0.5) {
    const pair = names.flatMap((from, i) => names.slice(i + 2).map((to) => [from, to] as [string, string]));
    const fits = pair.find(
      ([from, to]) => width.get(from) === width.get(to) && !['Affine', 'Linear'].includes(nodes[to]!.type),
    );
    if (fits !== undefined) edges.push(fits);
  }
  nodes.out = outputNode(width.get(last)!);
  edges.push([last, 'out']);
  return { graph: nirGraph(nodes, edges), inputs };
}

test('random graphs with cycles and branches give the values of an interpreter of the equations', async (t) => {
  const count = process.env.LAPICQUE_LONG_TESTS === '1' ? 1000 : 40;
  let cyclic = 0;
  for (let seed = 1; seed <= count; seed++) {
    const { graph: source, inputs } = randomGraph(seed);
    const next = random(seed + 1000);
    const x = Array.from({ length: 30 }, () => Array.from({ length: inputs }, () => 2 * next() - 0.5));
    const expected = nirEuler(source, x, 1e-3);
    const got = await outputs(source, x, 1e-3);
    const { report } = await modelOfNir(source, { dt: 1, framework: 'nir' });
    if (report.delayed.length > 0) cyclic += 1;
    const worst = Math.max(
      ...expected.flatMap((row, step) =>
        row.map((value, i) => Math.abs(value - got[step]![i]!) / (1 + Math.abs(value))),
      ),
    );
    t.true(
      worst < 1e-9,
      `graph ${seed} is off by ${worst}: ${[...source.nodes].map(([name, { type }]) => `${name} ${type}`)} ${source.edges.join(' ')}`,
    );
    // The same graph written to a file and read again.
    if (seed % 10 === 0) {
      const again = await readNirGraph(await nirBytes(source));
      t.deepEqual(await outputs(again, x, 1e-3), got);
    }
  }
  t.true(cyclic > count / 10);
});

test('images through a pool and a Flatten before a cycle give the values of the interpreter', async (t) => {
  const next = random(3);
  const values = (n: number) => Array.from({ length: n }, () => next() - 0.4);
  const source = nirGraph(
    {
      in: inputNode(2, 4, 4),
      lif: lifNode([2, 4, 4]),
      pool: node('SumPool2d', { kernel_size: field([2, 2]), stride: field([2, 2]), padding: field([0, 0]) }),
      flat: node('Flatten', { start_dim: field(0), end_dim: field(-1) }),
      back: node('Affine', { weight: field(values(8 * 8), [8, 8]), bias: field(values(8)) }),
      near: lifNode(8),
      out: outputNode(8),
    },
    [
      ['in', 'lif'],
      ['lif', 'pool'],
      ['pool', 'flat'],
      ['flat', 'near'],
      ['near', 'back'],
      ['back', 'near'],
      ['near', 'out'],
    ],
  );
  const x = Array.from({ length: 20 }, () => Array.from({ length: 32 }, () => 3 * next()));
  t.deepEqual(await outputs(source, x, 1e-3), nirEuler(source, x, 1e-3));
});

test('a pool and a Flatten in a cycle give the values of the interpreter', async (t) => {
  const next = random(4);
  const values = (n: number) => Array.from({ length: n }, () => next() - 0.4);
  for (const pool of ['SumPool2d', 'AvgPool2d']) {
    const source = nirGraph(
      {
        in: inputNode(2, 4, 4),
        lif: lifNode([2, 4, 4]),
        smooth: node(pool, { kernel_size: field([3, 3]), stride: field([1, 1]), padding: field([1, 1]) }),
        flat: node('Flatten', { start_dim: field(0), end_dim: field(-1) }),
        fc: node('Linear', { weight: field(values(4 * 32), [4, 32]) }),
        near: lifNode(4),
        ring: node('Flatten', { start_dim: field(0), end_dim: field(-1) }),
        back: node('Linear', { weight: field(values(16), [4, 4]) }),
        out: outputNode(4),
      },
      [
        ['in', 'lif'],
        ['lif', 'smooth'],
        ['smooth', 'lif'],
        ['lif', 'flat'],
        ['flat', 'fc'],
        ['fc', 'near'],
        ['near', 'ring'],
        ['ring', 'back'],
        ['back', 'near'],
        ['near', 'out'],
      ],
    );
    const x = Array.from({ length: 30 }, () => Array.from({ length: 32 }, () => 2 * next()));
    const expected = nirEuler(source, x, 1e-3);
    t.true(expected.flat().includes(1), pool);
    t.deepEqual(await outputs(source, x, 1e-3), expected, pool);
  }
});

test('scalar parameters apply to all neurons, and subgraphs are flattened', async (t) => {
  const scalar = nirGraph(
    {
      in: inputNode(3),
      n: node('LIF', { tau: field(0.01), r: field(1), v_leak: field(0), v_threshold: field(0.1) }),
      out: outputNode(3),
    },
    [
      ['in', 'n'],
      ['n', 'out'],
    ],
  );
  const full = nirGraph({ in: inputNode(3), n: lifNode(3), out: outputNode(3) }, [
    ['in', 'n'],
    ['n', 'out'],
  ]);
  const nested = nirGraph({ a: inputNode(3), sub: full, b: outputNode(3) }, [
    ['a', 'sub'],
    ['sub', 'b'],
  ]);
  const x = Array.from({ length: 20 }, (_, step) => [step / 10, 1, 2]);
  const expected = nirEuler(full, x, 1e-3);
  for (const source of [scalar, full, nested]) t.deepEqual(await outputs(source, x, 1e-3), expected);
  const read = await readNirGraph(await nirBytes(nested));
  t.true(isNirGraph(read.nodes.get('sub')!));
});

test('several inputs are concatenated to one vector, and several outputs can be recorded', async (t) => {
  const source = nirGraph(
    {
      a: inputNode(2),
      b: inputNode(1),
      x: node('Linear', { weight: field([1, 2, 3, 4, 5, 6], [3, 2]) }),
      y: node('Linear', { weight: field([1, 10, 100], [3, 1]) }),
      n: node('LI', { tau: field(0.001), r: field(1), v_leak: field(0) }),
      one: outputNode(3),
      two: outputNode(3),
    },
    [
      ['a', 'x'],
      ['b', 'y'],
      ['x', 'n'],
      ['y', 'n'],
      ['n', 'one'],
      ['y', 'two'],
    ],
  );
  const { model, report } = await modelOfNir(source, { dt: 1, framework: 'nir' });
  const { v, recordings } = await model.run(
    { x: Float32Array.of(1, 2, 3), shape: [1, 1, 3] },
    { record: [`${report.outputs[1]!.layer}.v`] },
  );
  t.deepEqual(Array.from(v), [5 + 3, 11 + 30, 17 + 300]);
  t.deepEqual(Array.from(Object.values(recordings)[0]!), [3, 30, 300]);
});

test('implausible time constants cause warnings: shorter than a step, or too long to be in seconds', async (t) => {
  const of = async (tau: number) => {
    const source = nirGraph(
      { in: inputNode(1), n: lifNode(2, { tau: field([tau, 0.01]) }), out: outputNode(2) },
      [
        ['in', 'n'],
        ['n', 'out'],
      ],
    );
    return (await failure(() => modelOfNir(source)))?.message ?? '';
  };
  t.regex(await of(0.01), /edge in → n/);
  const warned = async (tau: number, dt: number) => {
    const source = nirGraph({ in: inputNode(1), n: lifNode(1, { tau: field([tau]) }), out: outputNode(1) }, [
      ['in', 'n'],
      ['n', 'out'],
    ]);
    return (await modelOfNir(source, { dt, framework: 'nir' })).report.warnings.join('\n');
  };
  t.is(await warned(0.01, 1), '');
  t.regex(await warned(1e-5, 1), /n\.tau is 0\.01 steps of 1 ms, less than one/);
  t.regex(await warned(1000, 1), /perhaps in ms or in steps/);
});

test('more nodes than are read are not written', async (t) => {
  const many = (count: number): NirGraph => ({
    type: 'NIRGraph',
    nodes: new Map(Array.from({ length: count }, (_, i) => [`n${i}`, inputNode(1)])),
    edges: [],
    metadata: new Map(),
  });
  // The graph itself counts.
  const error = await failure(() => nirBytes(many(32_768)));
  t.is(error?.code, 'unsupported');
  t.regex(error!.message, /32769 nodes/);
});
