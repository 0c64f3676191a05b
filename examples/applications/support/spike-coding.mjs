// A linear filter computed by spikes, with derived weights (after Boerlin, Machens, Denève 2013): x ← F x + G input, output = H x + J input.
import { dense, graph } from 'lapicque';
import { li, lif } from 'lapicque/neurons';
import { add, diagonal, identity, multiply, subtract, transpose } from './linear-control.mjs';

/**
 * The network keeps an estimate of x that only spikes change. Each axis of the code has `levels` neurons for each sign. The potential of a neuron is the
 * error of the estimate along its axis, in units of one spike, and its threshold is 1/2, 3/2, 5/2, …: as many neurons fire as whole units are
 * missing, and each spike takes one unit from the potentials of its axis. No spike is needed while the estimate is right.
 *
 * @param filter - `F`, `G`, `H`, `J`, as lists of rows
 * @param options - `units`: effect of one spike on each variable; `levels`; `random`: turns the axes of the code and moves the thresholds a little;
 * `spiking`: whether outputs are spikes, sent while the output is above 0
 */
export async function spikeCode({ F, G, H, J }, { units, levels, random, spiking }) {
  const [variables, inputs, outputs] = [F.length, G[0].length, H.length];
  const axes = rotation(variables, random);
  const neurons = Array.from({ length: 2 * levels * variables }, (_, i) => ({
    axis: Math.floor(i / (2 * levels)),
    sign: i % 2 === 0 ? 1 : -1,
    level: Math.floor((i % (2 * levels)) / 2),
  }));
  const n = neurons.length;
  // One unit along an axis of the code is one spike.
  const toCode = multiply(transpose(axes), diagonal(units.map((unit) => 1 / unit)));
  const fromCode = multiply(diagonal(units), axes);
  const onto = (matrix) => {
    const coded = multiply(toCode, matrix);
    return neurons.map(({ axis, sign }) => coded[axis].map((x) => sign * x));
  };
  const threshold = neurons.map(({ level }) => level + 0.5 + random.uniform(-0.05, 0.05));
  const model = await graph({
    inputs: [inputs],
    nodes: {
      sense: dense(inputs, n, { bias: false }),
      flow: dense(variables, n, { bias: false }),
      code: lif({
        beta: 1,
        reset: 'none',
        vThreshold: threshold,
        recurrent: { kind: 'dense', bias: false },
      }),
      decode: dense(n, variables, { bias: false }),
      estimate: li({ beta: 1 }),
      read: dense(variables, outputs, { bias: false }),
      direct: dense(inputs, outputs, { bias: false }),
      act: spiking ? lif({ beta: 0, reset: 'none', vThreshold: 0 }) : li({ beta: 0 }),
    },
    edges: [
      ['input', 'sense'],
      ['sense', 'code'],
      ['estimate', 'flow', { delayed: true }],
      ['flow', 'code'],
      ['code', 'decode'],
      ['decode', 'estimate'],
      ['estimate', 'read'],
      ['read', 'act'],
      ['input', 'direct'],
      ['direct', 'act'],
    ],
    output: 'act',
  }).compile({ seed: 0 });
  const flat = (matrix) => Float32Array.from(matrix.flat());
  await model.setWeights({
    'sense.weight': flat(onto(G)),
    'flow.weight': flat(onto(subtract(F, identity(variables)))),
    'code.recurrent.weight': flat(
      neurons.map((a) => neurons.map((b) => (a.axis === b.axis ? -a.sign * b.sign : 0))),
    ),
    'decode.weight': flat(fromCode.map((row) => neurons.map(({ axis, sign }) => sign * row[axis]))),
    'read.weight': flat(H),
    'direct.weight': flat(J),
  });
  return model;
}

/** A random orthogonal matrix (Gram–Schmidt on normal numbers). */
function rotation(n, random) {
  const rows = [];
  while (rows.length < n) {
    let row = Array.from({ length: n }, () => random.normal());
    for (const other of rows) {
      const along = row.reduce((sum, x, i) => sum + x * other[i], 0);
      [row] = add([row], [other], -along);
    }
    const length = Math.hypot(...row);
    if (length > 1e-3) rows.push(row.map((x) => x / length));
  }
  return rows;
}
