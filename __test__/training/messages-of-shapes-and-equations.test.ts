// Messages that led astray: each error has its code and fields, and says what is wrong, where, and what would be right.

import { circuit, connect, population, rule, simulate } from '../../src-ts/doors/circuit.ts';
import { iafPscExp, lif, neuron } from '../../src-ts/doors/neurons.ts';
import { conv1d, conv2d, dense, type Model, maxPool2d, sequential } from '../../src-ts/index.ts';
import { equation, invalid, mismatch, type Row, rows, unknown } from '../support/messages.ts';
import { any } from '../support/table.ts';

const layers: (...all: unknown[]) => ReturnType<typeof sequential> = any(sequential);
const cell = lif({ beta: 0.9 });
const small = sequential(dense(5, 6), lif({ beta: 0.9 }), dense(6, 2), lif({ beta: 0.8, name: 'out' }));
const [, shape] = [new Float32Array(4 * 3 * 5), [4, 3, 5], new Uint8Array(3)] as const;
const of = (use: (model: Model) => unknown) => async () => {
  using model = await small.compile();
  return await use(model);
};
const equations = (definition: object) => () =>
  sequential(
    dense(2, 3),
    any(neuron(any({ state: { v: 0 }, params: { tau: 10 }, ...definition }))()),
  ).compile();
const E = population(iafPscExp, 4, { name: 'E' });
const run = (...elements: unknown[]) => simulate(circuit(...(elements as [])), { duration: 1, dt: 0.1 });
const connected =
  (options: object, how: unknown = rule.allToAll()) =>
  () =>
    run(E, connect(E, E, any(how), any({ weight: 1, delay: 1, ...options })));

const issue: Record<string, Row> = {
  'a hard reset': [
    () => layers(dense(2, 3), lif(any({ beta: 0.9, reset: 'hard' }))).compile(),
    unknown('value of lif1.reset', 'hard', 'did you mean "zero"?'),
  ],
  'a soft reset': [
    () => layers(dense(2, 3), lif(any({ beta: 0.9, reset: 'soft' }))).compile(),
    unknown('value of lif1.reset', 'soft', 'did you mean "subtract"?'),
  ],
  'another reset': [
    () => layers(dense(2, 3), lif(any({ beta: 0.9, reset: 'quick' }))).compile(),
    invalid('lif1.reset', 'one of subtract, value, none, zero', '"quick"'),
  ],
  'a number in quotes as a delay': [
    connected({ delay: '1.5' }),
    { ...invalid('synapse.delay', 'a number', '"1.5"'), not: ['layout'] },
  ],
  'a word as a weight': [
    connected({ weight: 'abc' }),
    { ...invalid('synapse.weight', 'a number', 'an expression of d, dx', '"abc"'), not: ['layout'] },
  ],
  'a number in quotes as a probability': [
    () => rule.pairwiseBernoulli('0.1'),
    { ...invalid('p', 'a number from 0 to 1', '"0.1"'), not: ['layout'] },
  ],
  'rand in equations': [
    equations({ update: "v' = (i - v)/tau + rand()" }),
    equation('update: ', 'unknown function "rand"', 'noise is the name xi', 'sigma*xi'),
  ],
  'randn in equations': [
    equations({ update: "v' = (i - v)/tau + 0.1*randn()" }),
    equation('update: ', 'unknown function "randn"', 'noise is the name xi'),
  ],
  'a unit without a unit that is declared': [
    equations({ update: "v' = (i - v)/(20*ms)" }),
    equation('update: ', 'unknown name "ms"', 'ms is a unit', "params: { tau: '10 ms' }", 'known are '),
  ],
  'another unit': [
    equations({ update: "v' = (i - v)/tau + 3*mV/tau" }),
    equation('update: ', 'unknown name "mV"', 'mV is a unit'),
  ],
  'a convolution without input': [
    () => layers(conv2d(2, 4, 3), cell).compile(),
    { ...invalid('layers[0]', 'input(2, height, width) first', 'a convolution'), not: ['inputs'] },
  ],
  'a convolution over a line without input': [
    () => layers(conv1d(2, 4, 3), cell).compile(),
    invalid('layers[0]', 'input(2, width) first', 'a convolution'),
  ],
  'a pool without input': [
    () => layers(maxPool2d(2), cell).compile(),
    invalid('layers[0]', 'input(channels, height, width) first', 'a pool'),
  ],
  'a convolution with a number of channels only': [
    () => layers(conv2d(2, 4, 3), cell).compile({ inputs: 2 }),
    mismatch('conv1', '[channels, height, width]', '[2]', 'input()'),
  ],
  'a convolution behind a dense layer': [
    () => layers(dense(5, 6), conv2d(6, 7, 3), cell).compile(),
    mismatch('conv1', '[channels, height, width]', '[6]', 'unflatten()'),
  ],
  'counts in frames of bytes': [
    of((model) => model.run({ x: new Uint8Array(60).fill(3), shape })),
    invalid('input[0]', '0 or 1', 'bytes are spikes', 'counts and intensities are a Float32Array', '3'),
  ],
  'counts in a constant frame of bytes': [
    of((model) => model.run({ x: new Uint8Array(15).fill(3), shape: [3, 5] }, { steps: 4 })),
    invalid('input[0]', '0 or 1', 'bytes are spikes', 'counts and intensities are a Float32Array', '3'),
  ],
  'a parameter of a layer that has been renamed': [
    of((model) => model.setWeights({ 'lif2.vThreshold': new Float32Array(2) })),
    { ...unknown('parameter', 'lif2.vThreshold', 'known are dense1.weight'), not: ['did you mean'] },
  ],
  'a weight of a layer that there is not': [
    of((model) => model.setWeights({ 'dense3.weight': new Float32Array(2) })),
    { ...unknown('parameter', 'dense3.weight', 'known are dense1.weight'), not: ['did you mean'] },
  ],
};

rows('issue', issue);
