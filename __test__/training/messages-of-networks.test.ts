// Wrong layers, networks and equations: each error has its code and fields, and says what is wrong, where, and what would be right.

import { customSurrogate, lif, neuron, slstm, surrogate } from '../../src-ts/doors/neurons.ts';
import {
  avgPool2d,
  batchNorm,
  compile,
  concat,
  conv2d,
  dense,
  dropout,
  embedding,
  flatten,
  graph,
  input,
  join as joinOf,
  layerNorm,
  multiply,
  networks,
  pointwise,
  psn,
  residual,
  selfAttention,
  sequential,
  threshold,
  timeFilter,
  unflatten,
} from '../../src-ts/index.ts';
import { equation, invalid, mismatch, type Row, rows, unknown } from '../support/messages.ts';
import { any } from '../support/table.ts';

const layers: (...all: unknown[]) => ReturnType<typeof sequential> = any(sequential);
const cell = lif({ beta: 0.9 });
const small = sequential(dense(5, 6), lif({ beta: 0.9 }), dense(6, 2), lif({ beta: 0.8, name: 'out' }));
const equations = (definition: object) => () =>
  sequential(
    dense(2, 3),
    any(neuron(any({ state: { v: 0 }, params: { tau: 10 }, ...definition }))()),
  ).compile();

const wide = sequential(
  dense(2, 2),
  ...Array.from({ length: 8 }, () => [lif({ beta: 0.9 }), dense(2, 2)] as const).flat(),
  lif({ beta: 0.9, name: 'out' }),
);

const wrongNetworks: Record<string, Row> = {
  'a parameter of one of many layers': [
    async () => {
      using model = await wide.compile();
      await model.setWeights({ 'hidden.weight': new Float32Array(4) });
    },
    unknown('parameter', 'hidden.weight', 'known are dense1.*, dense2.*'),
  ],
  'no layer at all': [() => layers().compile(), invalid('layers', 'at least one layer')],
  'a layer that is a text': [
    () => layers('dense', cell).compile(),
    invalid('layers[0]', 'a layer', '"dense"'),
  ],
  'a factory that is not called': [
    () => layers(dense(2, 3), lif).compile(),
    invalid('layers[1]', 'a layer', 'lif'),
  ],
  'layers in a list': [
    () => layers([dense(2, 3), cell]).compile(),
    invalid('layers[0]', 'a layer', 'an array of length 2'),
  ],
  'a dense layer at the end': [
    () => layers(dense(2, 3)).compile(),
    invalid('the last layer', 'a population', 'dense'),
  ],
  'input behind another layer': [
    () => layers(dense(2, 3), input(3), cell).compile(),
    invalid('layers[1]', 'the first layer'),
  ],
  'two shapes of the input': [
    () => layers(input(2), dense(2, 3), cell).compile({ inputs: 2 }),
    invalid('inputs', 'no value, because input() is the first layer', '2'),
  ],
  'neighbors that do not fit': [
    () => layers(dense(5, 6), cell, dense(7, 2), cell).compile(),
    mismatch('dense2', '[7]', '[6]', 'lif1'),
  ],
  'channels that do not fit': [
    () => layers(input(3, 5, 5), conv2d(1, 2, 3), cell).compile(),
    mismatch('conv1', '[1, height, width]', '[3, 5, 5]'),
  ],
  'a window over the edge': [
    () => layers(input(1, 3, 3), conv2d(1, 2, 5), cell).compile(),
    invalid('conv1.kernel', 'a window within the padded image', '[5, 5] over an image of [3, 3]'),
  ],
  'an image of other elements': [
    () => layers(dense(2, 10), unflatten([3, 3]), cell).compile(),
    mismatch('unflatten1', '9', '10'),
  ],
  'no decay': [
    () => layers(dense(2, 3), lif(any({}))).compile(),
    invalid('lif1.beta', 'one of beta, tauMem'),
  ],
  'two decays': [
    () => layers(dense(2, 3), lif(any({ beta: 0.9, tauMem: 10 }))).compile(),
    invalid('lif1.tauMem', 'beta is given', '10'),
  ],
  'a decay above 1': [
    () => layers(dense(2, 3), lif({ beta: 1.5 })).compile(),
    invalid('lif1.beta', 'a number from 0 to 1', '1.5'),
  ],
  'decays of other neurons': [
    () => layers(dense(2, 3), lif({ beta: [0.9, 0.8] })).compile(),
    mismatch('lif1.beta', '[3]', '[2]'),
  ],
  'a decay in quotes': [() => lif(any({ beta: '0.9' })), invalid('lif.beta', 'a number', '"0.9"')],
  'an option of a peer': [
    () => lif(any({ beta: 0.9, threshold: 1 })),
    unknown('option of lif', 'threshold', 'did you mean "vThreshold"?'),
  ],
  'a preset of a peer that is none': [
    () => layers(dense(2, 3), lif(any({ beta: 0.9, like: 'brian2' }))).compile(),
    unknown('preset of lif', 'brian2', 'known are snntorch, spikingjelly, norse, nir, nest'),
  ],
  'a surrogate that does not exist': [
    () => layers(dense(2, 3), lif(any({ beta: 0.9, surrogate: { name: 'atann' } }))).compile(),
    unknown('surrogate', 'atann', 'did you mean "atan"?'),
  ],
  'a surrogate as a text': [
    () => lif(any({ beta: 0.9, surrogate: 'atan' })),
    invalid('lif.surrogate', 'surrogate.atan()', '"atan"'),
  ],
  'a parameter of another surrogate': [
    () => surrogate.atan(any({ slope: 25 })),
    unknown('option of atan', 'slope', 'known are alpha'),
  ],
  'a parameter of a surrogate out of range': [
    () => surrogate.atan({ alpha: -1 }),
    invalid('atan.alpha', 'a number above 0', '-1'),
  ],
  'a surrogate with rand': [
    () => layers(dense(2, 3), lif({ beta: 0.9, surrogate: customSurrogate('rand() * x') })).compile(),
    equation('unknown function "rand"'),
  ],
  'a parameter that is not learned': [
    () => layers(dense(2, 3), lif(any({ beta: 0.9, learn: ['vLeak'] }))).compile(),
    unknown('learnable parameter of lif', 'vLeak', 'known are beta, tauMem, vThreshold'),
  ],
  'a recurrence that does not exist': [
    () => lif(any({ beta: 0.9, recurrent: 'all' })),
    { code: 'unknown-name', says: ['lif.recurrent', '"all"', 'dense, one-to-one, conv'] },
  ],
  'ports that do not divide the width': [
    () => layers(dense(2, 10), slstm(), dense(2, 2), cell).compile(),
    mismatch('slstm1', 'a multiple of 4', '[10]'),
  ],
  'a size in quotes': [() => dense(any('5'), 6), invalid('dense.inputs', 'an integer', '"5"')],
  'a size of 0': [() => dense(0, 6), invalid('dense.inputs', 'an integer from 1', '0')],
  'a kernel that is no number': [() => conv2d(1, 2, any('3')), invalid('conv2d.kernel', 'an integer', '"3"')],
  'a kernel of three sizes': [
    () => conv2d(1, 2, any([3, 3, 3])),
    invalid('conv2d.kernel', 'one number or two', '[3, 3, 3]'),
  ],
  'a stride of 0': [() => conv2d(1, 2, 3, { stride: 0 }), invalid('conv2d.stride', 'an integer from 1', '0')],
  'padding by its name in torch': [
    () => conv2d(1, 2, 3, any({ padding: 'same' })),
    invalid('conv2d.padding', 'an integer', '"same"'),
  ],
  'an option of torch’s convolution': [
    () => conv2d(1, 2, 3, any({ kernel_size: 3 })),
    { code: 'unknown-name', says: ['unknown option of conv2d "kernel_size"'] },
  ],
  'groups that do not divide': [
    () => layers(input(3, 5, 5), conv2d(3, 4, 3, { groups: 3 }), cell).compile(),
    invalid('conv1.groups', 'a common divisor of 3 and 4 channels', '3'),
  ],
  'a pool of half a pixel': [() => avgPool2d(1.5), invalid('avgPool2d.kernel', 'an integer', '1.5')],
  'a share of 2': [() => dropout(2), invalid('dropout.rate', 'at least 0 and below 1', '2')],
  'a share in percent': [() => dropout(50), invalid('dropout.rate', 'below 1', '50')],
  'dropout over pixels': [
    () => dropout(0.5, any({ over: 'pixels' })),
    unknown('dropout.over', 'pixels', 'known are elements, channels'),
  ],
  'a norm with another epsilon': [
    () => batchNorm(any({ eps: 1e-3 })),
    unknown('option of batchNorm', 'eps', 'did you mean "epsilon"?'),
  ],
  'a norm over what there is not': [
    () => layerNorm(any({ over: 'batch' })),
    { code: 'unknown-name', says: ['layerNorm.over', '"batch"', 'known are'] },
  ],
  'an embedding in the middle': [
    () => layers(dense(2, 3), cell, embedding(5, 4), cell).compile(),
    invalid('embedding1', 'directly after the input', 'one after lif1'),
  ],
  'an embedding of one row': [() => embedding(1, 4), invalid('embedding.count', 'from 2', '1')],
  'an initializer that does not exist': [
    () => dense(2, 3, any({ initial: { kind: 'xavier' } })),
    { code: 'unknown-name', says: ['dense.initial.kind', '"xavier"', 'did you mean "xavier-normal"?'] },
  ],
  'an initializer as a text': [
    () => dense(2, 3, any({ initial: 'zeros' })),
    { code: 'invalid-parameter', says: ['dense.initial: expected ', '"zeros"'] },
  ],
  'a delay below 0': [() => dense(2, 3, { delay: -1 }), invalid('dense.delay', 'at least 0', '-1')],
  'learned delays without the longest': [
    () => dense(2, 3, any({ delay: {} })),
    invalid('dense.delay.max', 'a finite number', 'undefined'),
  ],
  'a body that is one layer': [
    () => residual(any(dense(4, 4))),
    invalid('residual.body', 'a list of layers', 'an object'),
  ],
  'branches of other sizes': [
    () => layers(dense(2, 4), residual(any([dense(4, 5), cell])), cell).compile(),
    { code: 'shape-mismatch', fields: { layer: 'add1' }, says: ['add1: expected shape [4]', 'got [5]'] },
  ],
  'concat of no branch': [() => concat(), invalid('concat', 'at least one list of layers')],
  'multiply of a layer': [() => multiply(any(cell)), invalid('multiply[0]', 'a list of layers')],
  'heads that do not divide': [
    () => layers(input(6, 4), ...selfAttention(6, { heads: 4 })).compile(),
    {
      code: 'invalid-parameter',
      says: ['attention1.heads: expected a common divisor of 6 and 6 channels', '4'],
    },
  ],
  'a join that does not exist': [
    () => joinOf(any('sum')),
    unknown('join', 'sum', 'known are add, concat, multiply'),
  ],
  'a graph with an edge to nowhere': [
    () =>
      graph({
        inputs: [2],
        nodes: { a: dense(2, 3), b: cell },
        edges: [
          ['input', 'a'],
          ['a', 'c'],
        ],
        output: 'b',
      }).compile(),
    unknown('node of graph.edges[1]', 'c', 'known are a, b'),
  ],
  'a graph with another output': [
    () =>
      graph({
        inputs: [2],
        nodes: { a: dense(2, 3), b: cell },
        edges: [
          ['input', 'a'],
          ['a', 'b'],
        ],
        output: 'c',
      }).compile(),
    { code: 'unknown-name', says: ['output', '"c"', 'known are a, b'] },
  ],
  'a cycle without a delay': [
    () =>
      graph({
        inputs: [2],
        nodes: { a: dense(2, 3), b: cell, c: dense(3, 3) },
        edges: [
          ['input', 'a'],
          ['a', 'b'],
          ['b', 'c'],
          ['c', 'b'],
        ],
        output: 'b',
      }).compile(),
    { code: 'invalid-parameter', says: ['delayed'] },
  ],
  'a time filter without values': [
    () => timeFilter(any([])),
    { code: 'invalid-parameter', says: ['timeFilter.kernel: expected ', ' but got []'] },
  ],
  'parallel neurons without steps': [
    () => psn(any(undefined)),
    { code: 'invalid-parameter', says: ['psn', 'an integer', 'undefined'] },
  ],
  'a threshold in quotes': [
    () => threshold(any({ vThreshold: '1' })),
    { code: 'invalid-parameter', says: ['vThreshold: expected a ', '"1"'] },
  ],
  'an option of flatten': [
    () => flatten(any({ start_dim: 1 })),
    unknown('option of flatten', 'start_dim', 'known are name'),
  ],
  'pointwise channels': [() => pointwise(2.5, 3), invalid('pointwise.inputs', 'an integer', '2.5')],
  'another precision': [
    () => small.compile(any({ precision: 'f16' })),
    unknown('precision', 'f16', 'known are f32, f64'),
  ],
  'a step of 0 ms': [() => small.compile({ dt: 0 }), invalid('dt', 'above 0', '0')],
  'a seed below 0': [() => small.compile({ seed: -1 }), invalid('seed', 'an integer at least 0', '-1')],
  'an option of compile': [
    () => small.compile(any({ device: 'cuda' })),
    {
      code: 'unknown-name',
      says: ['unknown option of network "device"', 'known are dt, precision, seed, inputs, vocabulary'],
    },
  ],
  'a description that is none': [
    () => compile(any({ layers: [] })),
    { code: 'unknown-name', says: ['unknown field of network "layers"'] },
  ],
  'a preset network of another image': [
    () => networks.convSnn({ image: [1, 4, 28] }),
    invalid('convSnn.image', 'at least 16 × 16 pixels', '[1, 4, 28]'),
  ],
};

const neurons: Record<string, Row> = {
  'a state that does not exist': [
    equations({ update: "v' = (i - u)/tau" }),
    equation('update: ', 'unknown name "u"', 'known are '),
  ],
  'a misspelled parameter': [
    equations({ update: "v' = (i - v)/tua" }),
    equation('unknown name "tua"', 'did you mean "tau"?'),
  ],
  'a state in capitals': [
    equations({ update: "v' = (i - V)/tau" }),
    equation('unknown name "V"', 'did you mean "v"?'),
  ],
  'a power as in Python': [equations({ update: "v' = (i - v**2)/tau" }), equation('a power is written ^')],
  'a power as a function': [
    equations({ update: "v' = (i - pow(v, 2))/tau" }),
    equation('a power is written x^2'),
  ],
  'a condition as in Python': [
    equations({ update: 'v = i', spike: 'if(v > 1, 1, 0)' }),
    equation('spike: a spike is a comparison such as v > vThreshold'),
  ],
  'a function that does not exist': [
    equations({ update: "v' = (i - v)/tau + foo(v)" }),
    equation('unknown function "foo"', 'known are exp'),
  ],
  'a function of other arguments': [
    equations({ update: "v' = exp(i, v)/tau" }),
    equation('exp takes one argument but got 2'),
  ],
  'an equation that ends early': [
    equations({ update: "v' = (i - v)/" }),
    equation('expected a number, a name or "("'),
  ],
  'an equation of a parameter': [
    equations({ update: "tau' = -tau" }),
    equation('tau is a parameter and cannot be assigned to'),
  ],
  'a unit that does not exist': [
    () => neuron(any({ state: { v: '0 mv' }, update: "v' = -v" }))(),
    { code: 'unknown-name', says: ['unit', '"mv"', 'mV'] },
  ],
  'units that do not fit': [
    equations({ state: { v: '0 mV' }, params: { tau: '10 ms' }, update: "v' = -v" }),
    equation("v' must be in", '"-v" is in'),
  ],
  'a reset without a spike': [equations({ update: 'v = i', reset: 'v = 0' }), invalid('reset', 'a spike')],
  'another method': [
    equations({ update: "v' = (i - v)/tau", method: 'heun' }),
    { code: 'unknown-name', says: ['method', '"heun"', 'known are'] },
  ],
  'no update': [
    () => neuron(any({ state: { v: 0 } })),
    { code: 'invalid-parameter', says: ['update: expected a string'] },
  ],
  'an option of Brian2': [
    () => neuron(any({ state: { v: 0 }, model: "v' = -v" })),
    { code: 'unknown-name', says: ['"model"', 'did you mean "update"?'] },
  ],
};

rows('networks', wrongNetworks);
rows('neurons', neurons);
