// Wrong use of traces: refused with a typed error, and with the line of the user's function where there is one.
import test from 'ava';
import { li, lif } from '../../src-ts/doors/neurons.ts';
import {
  evaluateTraced,
  type LossScope,
  type TracedTensor as Tensor,
  type TracedLoss,
  TracedTensor,
  trace,
} from '../../src-ts/doors/trace.ts';
import { dense, loss, sequential, type TrainingBatch, type TrainStepOptions } from '../../src-ts/index.ts';
import { failure } from '../support/errors.ts';

type Given = Readonly<Record<string, Tensor>>;
const xAxes = { x: ['batch', 'neuron'] };
const here = /\(misuse\.test\.[jt]s:\d+:\d+\)/;
const traced = (build: (given: Given) => unknown) =>
  trace<Record<string, readonly string[]>>(xAxes, build as () => Tensor);
/** The type checker would refuse these, too. */
// biome-ignore lint/suspicious/noExplicitAny: programs without types
const untyped = (build: (given: any) => unknown) => () => traced(build as (given: Given) => unknown);

let kept: Tensor | undefined;
traced(({ x }) => {
  kept = x;
  return x!;
});

const refused: Record<string, { call: () => unknown; code: string; message: RegExp }> = {
  'an addition of JavaScript': {
    call: untyped(({ x }) => x + 1),
    code: 'invalid-parameter',
    message: /x\.add\(y\).* but got an operator of JavaScript/,
  },
  'a comparison of JavaScript': {
    call: untyped(({ x }) => (x > 0 ? x : x.neg())),
    code: 'invalid-parameter',
    message: /x\.greater\(0\).* but got an operator of JavaScript/,
  },
  'Math.max': {
    call: untyped(({ x }) => x.mul(Math.max(x, 0))),
    code: 'invalid-parameter',
    message: /operator of JavaScript/,
  },
  'a template string': {
    call: untyped(({ x }) => x.sum(`${x}`)),
    code: 'invalid-parameter',
    message: /operator of JavaScript/,
  },
  'a text as operand': {
    call: untyped(({ x }) => x.add('1')),
    code: 'invalid-parameter',
    message: /operand .*a tensor of this function, or a number but got "1"/,
  },
  'a number that is none': {
    call: untyped(({ x }) => x.mul(Number.NaN)),
    code: 'invalid-parameter',
    message: /operand .*a finite number but got NaN/,
  },
  'sizes that differ': {
    call: untyped(({ x }) => x.add(x.constant([1, 2], { n: 2 })).add(x.constant([1, 2, 3], { n: 3 }))),
    code: 'shape-mismatch',
    message: /add .*\[n 2\] but got \[n 3\]: axes of one name have one size; rename one of them/,
  },
  'an axis that does not exist': {
    call: untyped(({ x }) => x.sum('time')),
    code: 'unknown-name',
    message: /axis of sum .*"time"; known are batch, neuron/,
  },
  'an input that does not exist': {
    call: untyped(({ y }) => y),
    code: 'unknown-name',
    message: /unknown input .*"y"; known are x/,
  },
  'a matrix that is a number': {
    call: untyped(({ x }) => x.matmul(3)),
    code: 'invalid-parameter',
    message: /matmul .*a tensor with axes \[in, out\] but got 3/,
  },
  'positions beyond an axis': {
    call: untyped(({ x }) => x.constant([1, 2], { n: 2 }).slice('n', 0, 5)),
    code: 'invalid-parameter',
    message: /slice .*positions of the 2 elements of axis "n" but got 0 to 5/,
  },
  'the largest element of none': {
    call: untyped(({ x }) => x.constant([], { n: 0 }).max('n')),
    code: 'invalid-parameter',
    message: /max .*an element but got axis "n" without elements/,
  },
  'constants of another number': {
    call: untyped(({ x }) => x.constant([1, 2, 3], { n: 2 })),
    code: 'shape-mismatch',
    message: /literal .*\[n 2\] but got 3 values/,
  },
  'a tensor after its function': {
    call: () => kept!.add(1),
    code: 'invalid-parameter',
    message: /got a tensor of another traced function/,
  },
  'a tensor in another function': {
    call: untyped(({ x }) => x.add(kept)),
    code: 'invalid-parameter',
    message: /got a tensor of another traced function/,
  },
  'a tensor of another function as result': {
    call: untyped(() => kept),
    code: 'invalid-parameter',
    message: /result .*one of its own but got "a tensor of another function"/,
  },
  'a tensor of a loop outside of it': {
    call: untyped(({ x }) => {
      let inside = x;
      x.scan('batch', x.at('batch', 0), (carried: Tensor, element: Tensor) => {
        inside = carried;
        return [carried, element];
      });
      return x.add(inside);
    }),
    code: 'invalid-parameter',
    message: /got a tensor of another traced function/,
  },
  'a loop within a loop': {
    call: untyped(({ x }) => {
      const loop = (of: Tensor, axis: string): Tensor =>
        of.scan(axis, of.at(axis, 0), (carried, element) => [
          carried,
          axis === 'batch' ? loop(element, 'neuron') : element,
        ]).outputs;
      return loop(x, 'batch');
    }),
    code: 'invalid-parameter',
    message: /scan .*got "a loop within a loop"/,
  },
  'a loop that returns one value': {
    call: untyped(({ x }) => x.scan('batch', x.at('batch', 0), (carried: Tensor) => carried)),
    code: 'invalid-parameter',
    message: /scan .*\[carried, output\]/,
  },
  'a number as result': { call: untyped(() => 3), code: 'invalid-parameter', message: /but got 3/ },
  'no result': { call: untyped(() => {}), code: 'invalid-parameter', message: /but got undefined/ },
  'an empty object as result': {
    call: untyped(() => ({})),
    code: 'invalid-parameter',
    message: /but got "no result"/,
  },
  'a list as result': { call: untyped(({ x }) => [x]), code: 'invalid-parameter', message: /an array/ },
  'a promise as result': {
    call: untyped(async ({ x }) => x),
    code: 'invalid-parameter',
    message: /class Promise/,
  },
  'a number among results': {
    call: untyped(({ x }) => ({ x, y: 1 })),
    code: 'invalid-parameter',
    message: /result y .*a tensor but got 1/,
  },
  'an input of losses that does not exist': {
    call: () => loss.trace((({ spike }: Given) => spike) as never),
    code: 'unknown-name',
    message: /"spike"; known are spikes, v, target, lengths, mask, layers, parameter, parameters, batch/,
  },
  'a tensor of the batch that is not declared': {
    call: () => loss.trace(({ batch }) => (batch as Given).teacher!, { tensors: { w: ['batch'] } }),
    code: 'unknown-name',
    message: /"teacher"; known are w/,
  },
  'a parameter without axes': {
    call: () => loss.trace(({ parameter }) => parameter('in.weight', undefined as never).sum()),
    code: 'invalid-parameter',
    message: /parameter in\.weight .*names of axes/,
  },
};

for (const [name, { call, code, message }] of Object.entries(refused)) {
  test(`${name} is refused, with the line`, async (t) => {
    const error = await failure(call);
    t.is(error?.code, code as never, error?.message);
    t.regex(error!.message, message);
    t.regex(error!.message, here);
  });
}

test('options that do not exist are refused', async (t) => {
  const error = await failure(() => loss.trace(({ v }) => v, { targets: [] } as never));
  t.regex(error!.message, /unknown option of loss\.trace "targets"; did you mean "target"\?/);
});

const compile = () =>
  sequential(
    dense(3, 4, { name: 'in' }),
    lif({ beta: 0.8, name: 'hidden' }),
    dense(4, 2),
    li({ beta: 0.8 }),
  ).compile({ seed: 1 });
const batch = { x: new Float32Array(4 * 5 * 3).fill(0.5), shape: [4, 5, 3], y: new Uint8Array(5) };
const mean = ({ v, target }: LossScope) => v.mean('time').crossEntropy(target);
const scaled = loss.trace(({ v, batch: { w } }) => v.mean(['time', 'neuron']).mul(w), {
  tensors: { w: ['batch'] },
});

const steps: Record<
  string,
  {
    loss: TracedLoss;
    batch?: Partial<TrainingBatch>;
    options?: Partial<TrainStepOptions>;
    code: string;
    message: RegExp;
  }
> = {
  'a loss with the axis of classes': {
    loss: loss.trace(({ v }) => v.mean('time')),
    code: 'shape-mismatch',
    message:
      /term loss: expected shape \[\] or \[batch\]: reduce the other axes but got \[batch \?, neuron \?\]/,
  },
  'a term with the axis of time': {
    loss: loss.trace((scope) => ({ task: mean(scope), size: scope.v.square() })),
    code: 'shape-mismatch',
    message: /term size: .*\[time \?, batch \?, neuron \?\]/,
  },
  'a layer that does not exist': {
    loss: loss.trace(({ layers }) => layers.hiden!.spikes.mean()),
    code: 'unknown-name',
    message: /"hiden\.spikes"; did you mean "hidden\.spikes"/,
  },
  'a state that does not exist': {
    loss: loss.trace(({ layers }) => layers.hidden!.u!.mean()),
    code: 'unknown-name',
    message: /"hidden\.u"; did you mean "hidden\.v"/,
  },
  'values of a population': {
    loss: loss.trace(({ layers }) => layers.hidden!.values.mean()),
    code: 'unknown-name',
    message: /unknown recording "hidden\.values"/,
  },
  'a port that does not exist': {
    loss: loss.trace(({ layers }) => layers.hidden!.currents!.mean()),
    code: 'unknown-name',
    message: /"hidden\.currents"; did you mean "hidden\.current"/,
  },
  'a parameter that does not exist': {
    loss: loss.trace(({ parameter }) => parameter('in.weights', ['to', 'from']).square().sum()),
    code: 'unknown-name',
    message: /parameter "in\.weights"; did you mean "in\.weight"/,
  },
  'a parameter with another number of axes': {
    loss: loss.trace(({ parameter }) => parameter('in.weight', ['all']).square().sum()),
    code: 'shape-mismatch',
    message: /parameter:in\.weight: expected shape \[all \?\] but got \[4, 3\]/,
  },
  'spikes of a readout that does not spike': {
    loss: loss.trace(({ spikes }) => spikes.mean()),
    code: 'invalid-parameter',
    message: /the readout does not spike/,
  },
  'an online method': {
    loss: loss.trace(mean),
    options: { method: 'e-prop' },
    code: 'unsupported',
    message: /e-prop does not support a traced loss/,
  },
  'lengths that the loss does not read': {
    loss: loss.trace(mean),
    batch: { lengths: Uint32Array.of(4, 3, 2, 1, 4) },
    code: 'invalid-parameter',
    message: /a loss that reads lengths or mask/,
  },
  'a batch without the tensors': {
    loss: scaled,
    code: 'invalid-parameter',
    message: /tensors: { w: … } in each batch/,
  },
  'a batch with other tensors': {
    loss: scaled,
    batch: { tensors: { weights: new Float32Array(5) } },
    code: 'unknown-name',
    message: /tensor of the batch "w"; known are weights/,
  },
  'a tensor of another size': {
    loss: scaled,
    batch: { tensors: { w: new Float32Array(4) } },
    code: 'shape-mismatch',
    message: /batch:w: expected shape \[batch 5\] but got 4 values/,
  },
  'a tensor that is a list': {
    loss: scaled,
    batch: { tensors: { w: [1, 2, 3, 4, 5] as never } },
    code: 'invalid-parameter',
    message: /batch\.tensors\.w: expected a typed array/,
  },
  'tensors that are a number': {
    loss: scaled,
    batch: { tensors: 3 as never },
    code: 'invalid-parameter',
    message: /batch\.tensors: expected an object/,
  },
  'a label beyond the classes': {
    loss: loss.trace(mean),
    batch: { y: new Uint8Array(5).fill(7) },
    code: 'invalid-parameter',
    message: /gather.*: expected whole positions below 2, the size of axis "neuron" but got 7/,
  },
  'a value that is not finite': {
    loss: loss.trace(({ v }) => v.sub(100).log().mean()),
    code: 'non-finite',
    message: /the loss is not finite/,
  },
};

for (const [name, { loss: objective, batch: changed, options, code, message }] of Object.entries(steps)) {
  test(`a step refuses ${name} and leaves the model unchanged`, async (t) => {
    using model = await compile();
    const before = await model.weightsSha256();
    const step = () => model.trainStep({ ...batch, ...changed }, { loss: objective, ...options });
    const error = await failure(step);
    t.is(error?.code, code as never, error?.message);
    t.regex(error!.message, message);
    t.is(await model.weightsSha256(), before);
    await model.trainStep(batch, { loss: loss.trace(mean) });
  });
}

const node = (op: string, of: readonly number[] = [], options: object = {}) => ({ op, of, ...options });
const literal = node('literal', [], { axes: [['n', 2]], values: [1, 2] });
const cyclic: { nodes: unknown[] } = { nodes: [] };
cyclic.nodes.push(cyclic);
let deep: object = {};
for (let i = 0; i < 5000; i += 1) deep = { nodes: [node('scan', [], { body: deep })], results: [] };
const product = { nodes: [literal] as object[] };
for (let i = 0; i < 40; i += 1)
  product.nodes.push(node('pad', [i], { axis: 'n', before: 2 ** 31, after: 0, value: 0 }));

const hostile: Record<string, unknown> = {
  nothing: undefined,
  null: null,
  'a number': 3,
  'a text': 'graph',
  'a list': [],
  'an empty object': {},
  'nodes that are none': { nodes: [3, null], results: [] },
  'an unknown operation': { nodes: [node('system', [])], results: [['a', 0]] },
  'an unknown option': { nodes: [{ ...literal, more: 1 }], results: [['a', 0]] },
  'an operand that follows': { nodes: [node('neg', [1]), literal], results: [['a', 0]] },
  'an operand of itself': { nodes: [node('neg', [0])], results: [['a', 0]] },
  'an operand below 0': { nodes: [literal, node('neg', [-1])], results: [['a', 1]] },
  'one operand of two': { nodes: [literal, node('add', [0])], results: [['a', 1]] },
  'a result beyond the nodes': { nodes: [literal], results: [['a', 9]] },
  'a literal without its numbers': {
    nodes: [node('literal', [], { axes: [['n', 1e9]], values: [1] })],
    results: [['a', 0]],
  },
  'an endless axis': { ...product, results: [['a', 40]] },
  'an axis that needs too much memory': {
    nodes: [
      literal,
      node('pad', [0], { axis: 'n', before: 2 ** 32 - 3, after: 0, value: 0 }),
      node('expand', [1, 1], { axis: 'n' }),
    ],
    results: [['a', 2]],
  },
  'a product of large axes': {
    nodes: [
      literal,
      ...['a', 'b', 'c'].map((to) => node('rename', [0], { from: 'n', to })),
      ...[1, 2, 3].map((of) => node('pad', [of], { axis: ' abc'[of], before: 1e6, after: 0, value: 0 })),
      node('add', [4, 5]),
      node('add', [7, 6]),
    ],
    results: [['a', 8]],
  },
  'more nodes than there may be': {
    nodes: [literal, ...Array.from({ length: 100_001 }, (_, i) => node('neg', [i]))],
    results: [['a', 1]],
  },
  'a loop with more carried values than operands': {
    nodes: [
      literal,
      node('scan', [0], {
        axis: 'n',
        carries: 1e15,
        slices: 1e15,
        body: { nodes: [], results: [] },
        result: 0,
      }),
    ],
    results: [['a', 1]],
  },
  'a loop without a result': {
    nodes: [
      literal,
      node('scan', [0, 0], { axis: 'n', carries: 1, slices: 1, body: { nodes: [], results: [] }, result: 0 }),
    ],
    results: [['a', 1]],
  },
  'a position that is none': {
    nodes: [literal, node('constant', [], { value: 1e300 }), node('gather', [0, 1], { axis: 'n' })],
    results: [['a', 2]],
  },
  'a name of an axis without end': {
    nodes: [node('input', [], { name: 'v', axes: [['x'.repeat(1e6), null]] })],
    results: [['a', 0]],
  },
  'data that contain themselves': cyclic,
  'data without end in depth': deep,
  'a number of 64 bits': { nodes: [1n], results: [] },
  'a function': { nodes: [() => {}], results: [] },
};

for (const [name, graph] of Object.entries(hostile)) {
  test(`a graph from strangers: ${name}`, async (t) => {
    using model = await compile();
    const before = process.memoryUsage().rss;
    const step = await failure(() =>
      model.trainStep(batch, { loss: { kind: 'traced', graph } as TracedLoss }),
    );
    t.truthy(step, 'a step accepts it');
    t.not(step!.code, 'internal');
    const alone = await failure(() => evaluateTraced({ graph } as TracedLoss, {}));
    // Nothing is an answer where nothing is asked for.
    t.not(alone?.code ?? 'succeeded', 'internal');
    t.true(process.memoryUsage().rss - before < 500e6, 'it needs bounded memory');
  });
}

test('values that do not fit are refused', async (t) => {
  const sum = trace({ x: ['n'] }, ({ x }) => x.sum());
  const wrong: unknown[] = [null, {}, { x: 3 }, { x: { values: [1] } }, { x: { values: [1], shape: [-1] } }];
  wrong.push(
    { x: { values: [1], shape: [1.5] } },
    { x: { values: [], shape: [1e15] } },
    { x: { values: 3, shape: [1] } },
  );
  wrong.push({ x: { values: [1, 2], shape: [1, 2] } });
  for (const inputs of wrong) {
    const error = await failure(() => evaluateTraced(sum, inputs as never));
    t.truthy(error, JSON.stringify(inputs));
    t.not(error!.code, 'internal');
  }
  t.true(kept instanceof TracedTensor);
});
