// The least time of a task against sums done by hand, with rates that make each of them whole numbers of milliseconds.
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import {
  forwardParts,
  least,
  type MachineRates,
  type ModelWork,
  networkParts,
  trainingParts,
} from '@lapicque/bench';
import test from 'ava';

const rates: MachineRates = {
  threads: 2,
  dense: 1e6,
  rowAdditions: { l1: 1e5, l2: 5e4, l3: 2e4, memory: 1e4 },
  scatteredAdditions: { l1: 1e4, l2: 5e3, l3: 2e3, memory: 1e3 },
  read: 1e9,
  copy: 5e8,
  exponentials: 1e4,
  divisions: 2e4,
  randomWords: 1e5,
  barrier: 1e-3,
};

const layer = (kind: string, rest: object) => ({
  kind,
  weights: 0,
  effectiveAcs: 0,
  effectiveMacs: 0,
  dense: 0,
  outputs: 1,
  ...rest,
});

/** 10 inputs that spike, 20 neurons with an exponential each, 5 neurons that divide; 2 samples, 3 steps. */
const work = {
  samples: 2,
  steps: 3,
  layers: [
    layer('dense', { weights: 200, outputs: 20, effectiveAcs: 100, dense: 600 }),
    layer('lif', { outputs: 20 }),
    layer('dense', { weights: 100, outputs: 5, effectiveMacs: 250, dense: 300 }),
    layer('li', { outputs: 5 }),
  ],
  info: {
    parameterCount: 300,
    layers: [
      {
        neurons: 20,
        operations: {
          forward: { arithmetic: 5, exponentials: 1, divisions: 0 },
          backward: { arithmetic: 10, exponentials: 0, divisions: 0 },
        },
      },
      {
        neurons: 5,
        operations: {
          forward: { arithmetic: 0, exponentials: 0, divisions: 2 },
          backward: { arithmetic: 50, exponentials: 0, divisions: 0 },
        },
      },
    ],
  },
} as unknown as ModelWork;

const near = (
  t: import('ava').ExecutionContext,
  actual: Record<string, number>,
  expected: Record<string, number>,
) => {
  t.deepEqual(Object.keys(actual), Object.keys(expected));
  for (const [name, value] of Object.entries(expected))
    t.true(Math.abs(actual[name]! - value) < 1e-9, `${name}: ${actual[name]}`);
};

test('a forward pass', (t) => {
  near(t, forwardParts(work, rates), {
    // 2 × 100 additions at 100,000 a second; 2 × 250 multiply-adds of two operations at 1,000,000 a second.
    'additions of weights': 2,
    'dense products': 1,
    // 120 steps of a neuron: 1,200 operations and 120 exponentials; 30 of another: 60 divisions.
    neurons: 1.2 + 12 + 3,
  });
});

test('products of a constant input are computed once', (t) => {
  const [, , second] = work.layers;
  const constant = { ...work, layers: [second!], constant: true };
  // 2 × 250 multiply-adds of three steps, of which one is computed.
  t.true(Math.abs(forwardParts(constant, rates)['dense products']! - 1 / 3) < 1e-9);
  t.true(Math.abs(trainingParts(constant, rates)['gradients of weights, products']! - 1 / 3) < 1e-9);
});

test('a training step', (t) => {
  near(t, trainingParts(work, rates), {
    'additions of weights': 2,
    'dense products': 1,
    neurons: 16.2,
    // 120 × 10 + 30 × 50 instructions, of which `dense` counts two operations each.
    'neurons backward': 2.4 + 3,
    'gradients of weights, additions': 2,
    'gradients of weights, products': 1,
    // Not of the network's own input: 2 × 300 multiply-adds.
    'gradients of inputs': 1.2,
    // 300 weights: 10 instructions and two divisions each.
    optimizer: 6 + 30,
  });
});

test('a large network', (t) => {
  const network = {
    steps: 100,
    threads: 2,
    events: 500,
    wholeRows: 0,
    synapses: 1000,
    synapseBytes: 8000,
    populations: [{ size: 10, operations: { arithmetic: 5, exponentials: 0, divisions: 0 } }],
    drawing: 10,
    meetings: 20,
  };
  near(t, networkParts(network, rates), {
    'delivery of spikes': 50,
    neurons: 10,
    'random numbers': 10,
    barriers: 20,
  });
  // Half of the events in whole rows: 250 at 100,000 a second, 250 at 10,000.
  t.is(networkParts({ ...network, wholeRows: 0.5 }, rates)['delivery of spikes'], 27.5);
  // 64 MB of synapses, 64 bytes each, are read from memory at 1 GB/s: for so many events longer than the additions.
  const large = networkParts(
    { ...network, events: 500, synapses: 1e6, synapseBytes: 64e6 },
    { ...rates, read: 1e5 },
  );
  t.is(large['delivery of spikes'], (500 * 64) / 1e5 / 1e-3);
});

test('parts of nothing are left out, and the share is of what was measured', (t) => {
  t.deepEqual(least({ neurons: 3, barriers: 0, products: 1 }, 8), {
    least_ms: 4,
    parts_ms: { neurons: 3, products: 1 },
    share: 0.5,
  });
});

test('bench and simulate print it', async (t) => {
  const run = async (...args: string[]) => {
    const { stdout } = await promisify(execFile)(process.execPath, ['dist/cli.js', ...args, '--json']);
    return JSON.parse(stdout) as {
      limits: MachineRates;
      least_ms: number;
      parts_ms: Record<string, number>;
      share: number;
    };
  };
  const runs = await Promise.all([
    run('bench', 'dense_rate', '--steps', '1', '--batch', '8', '--limits'),
    run('bench', 'stream_dense', '--passes', '2', '--limits'),
    run('simulate', 'cobahh', '--scale', '0.1', '--seconds', '0.01', '--transient', '0', '--limits'),
  ]);
  for (const { limits, least_ms, parts_ms, share } of runs) {
    t.true(limits.dense > 1e8 && limits.read > 1e8);
    const sum = Object.values(parts_ms).reduce((all, part) => all + part, 0);
    t.true(Math.abs(sum - least_ms) < 1e-3 + 1e-3 * sum, `${sum} ${least_ms}`);
    // Nothing is said of how large: the machine is busy.
    t.true(share > 0, `${share}`);
  }
  // 1,000 Hodgkin-Huxley neurons of six rates.
  t.true(runs[2]!.parts_ms.neurons! > 0);
});
