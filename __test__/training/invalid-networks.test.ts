// Networks that cannot be built: each a typed error that names the layer.
import test from 'ava';
import { customSurrogate, lif, surrogate, surrogateDerivative } from '../../src-ts/doors/neurons.ts';
import {
  compile,
  concat,
  conv1d,
  conv2d,
  dense,
  embedding,
  graph,
  input,
  join,
  type Layer,
  legendreDecoder,
  maxPool2d,
  type Network,
  networks,
  psn,
  residual,
  selfAttention,
  sequential,
  slidingPsn,
  threshold,
} from '../../src-ts/index.ts';
import { failure } from '../support/errors.ts';
import { network } from '../support/small-network.ts';
import { any, table } from '../support/table.ts';

/** Takes what the editor refuses. */
const untyped: (...layers: Layer[]) => Network = any(sequential);

table('networks', {
  'neighbors that do not fit': [
    () =>
      sequential(
        ...(any([dense(5, 6), lif({ beta: 0.9 }), dense(7, 2), lif({ beta: 0.9 })]) as []),
      ).compile(),
    'shape-mismatch: dense2: expected shape [7] but got [6] from lif1',
  ],
  'a population of another width': [
    // @ts-expect-error the editor says so as well
    () => sequential(dense(5, 6), lif({ beta: 0.9, neurons: 7 })).compile(),
    'shape-mismatch: lif1: expected shape [7] but got [6] from dense1',
  ],
  'a list that is not one a neuron': [
    () => sequential(dense(5, 6), lif({ beta: [0.9, 0.8] })).compile(),
    'shape-mismatch: lif1.beta: expected shape [6] but got [2]',
  ],
  'a decay above 1': [
    () => sequential(dense(5, 6), lif({ beta: 1.5 })).compile(),
    'invalid-parameter: lif1.beta: expected a number from 0 to 1 but got 1.5',
  ],
  'a decay below 0': [
    () => sequential(dense(5, 6), lif({ beta: -0.3 })).compile(),
    /^invalid-parameter: lif1\.beta: .*-0\.3/,
  ],
  'a decay that is none': [() => lif({ beta: Number.NaN }), /^invalid-parameter: lif\.beta: .*NaN/],
  'one decay of many': [
    () => sequential(dense(5, 2), lif({ beta: [0.5, 1.01] })).compile(),
    /^invalid-parameter: lif1\.beta: .*1\.01/,
  ],
  'a time constant of 0': [
    () => sequential(dense(5, 6), lif({ tauMem: 0 })).compile(),
    /^invalid-parameter: lif1\.tauMem/,
  ],
  'no decay at all': [
    () => sequential(dense(5, 6), lif(any({}))).compile(),
    /^invalid-parameter: lif1\..*beta/,
  ],
  'two decays': [
    () => sequential(dense(5, 6), lif(any({ beta: 0.9, tauMem: 5 }))).compile(),
    /^invalid-parameter: lif1\..*say the same/,
  ],
  'an option that does not exist': [
    () => lif(any({ betta: 0.9 })),
    'unknown-name: unknown option of lif "betta"; did you mean "beta"?',
  ],
  'a value of an option that does not exist': [
    () => sequential(dense(5, 6), lif({ beta: 0.9, reset: any('substract') })).compile(),
    /^unknown-name: .*"substract"; did you mean "subtract"\?$/,
  ],
  'a learned parameter that does not exist': [
    () => sequential(dense(5, 6), lif({ beta: 0.9, learn: any(['betas']) })).compile(),
    /^unknown-name: .*"betas"; did you mean "beta"\?$/,
  ],
  'a learned parameter that takes no part': [
    () => sequential(dense(5, 6), lif({ beta: 0.9, learn: ['tauMem'] })).compile(),
    /^invalid-parameter: .*learn.*tauMem/,
  ],
  'a learned list that is none': [
    () => lif({ beta: 0.9, learn: any('beta') }),
    /^invalid-parameter: lif\.learn/,
  ],
  'a preset that does not exist': [
    () => sequential(dense(5, 6), lif({ beta: 0.9, like: any('snntorc') })).compile(),
    /^unknown-name: .*did you mean "snntorch"\?$/,
  ],
  'a surrogate that does not exist': [
    () => sequential(dense(5, 6), lif({ beta: 0.9, surrogate: any({ name: 'fast_sigmoid' }) })).compile(),
    /^unknown-name: unknown surrogate .*did you mean "fast-sigmoid"\?$/,
  ],
  'a surrogate written by hand with NaN': [
    () => lif({ beta: 0.9, surrogate: { name: 'atan', alpha: Number.NaN } }),
    'invalid-parameter: lif.surrogate.alpha: expected a finite number but got NaN',
  ],
  'a surrogate written by hand with null': [
    () => lif({ beta: 0.9, surrogate: any({ name: 'atan', alpha: null }) }),
    'invalid-parameter: lif.surrogate.alpha: expected a value (leave the option out for its default) but got null',
  ],
  'a surrogate that is no object': [() => lif({ beta: 0.9, surrogate: any(7) }), /^invalid-parameter: /],
  'a parameter of a surrogate that does not exist': [
    () => surrogate.atan({ alpa: 2 } as object),
    /^unknown-name: .*"alpa"; did you mean "alpha"\?$/,
  ],
  'no layer': [() => sequential().compile(), /^invalid-parameter: layers/],
  'a layer written by hand that lacks its window': [
    () =>
      sequential(
        ...(any([{ layer: 'conv', inputs: 1, outputs: 2, kernel: [3, 3] }, dense(2, 3)]) as []),
      ).compile(),
    /^invalid-parameter: layers\[0\]\.stride: expected a list/,
  ],
  'a layer written by hand that lacks its neurons': [
    () =>
      graph({
        inputs: [2],
        nodes: { a: any({ layer: 'population' }) },
        edges: [['input', 'a']],
        output: 'a',
      }).compile(),
    /^invalid-parameter: graph\.nodes\.a\.dynamics: expected an object/,
  ],
  'a layer named as a method of all objects': [
    () => sequential(...(any([{ layer: 'toString' }, dense(2, 3)]) as [])).compile(),
    /^invalid-parameter: layers\[0\]: expected a layer/,
  ],
  'an edge to nowhere': [
    () =>
      graph({
        inputs: [2],
        nodes: { a: dense(2, 3), b: lif({ beta: 0.9 }) },
        edges: [
          ['input', 'a'],
          ['a', 'b'],
          ['b', 'zz'],
        ],
        output: 'b',
      }).compile(),
    'unknown-name: unknown node of graph.edges[2] "zz"; known are a, b',
  ],
  'a projection at the end': [() => untyped(dense(5, 6)).compile(), /^invalid-parameter: the last layer/],
  'pixels that no window reaches': [
    () => conv2d(1, 1, 2, { transposed: true, stride: [2, 1], outputPadding: 1 }),
    'invalid-parameter: conv2d.outputPadding: expected less than the stride or the dilation but got 1',
  ],
  'a convolution without an image': [
    () => untyped(dense(5, 6), conv2d(6, 7, 3), lif({ beta: 0.9 })).compile(),
    /^shape-mismatch: conv1: expected shape \[channels, height, width\]/,
  ],
  'a layer that is none': [() => untyped(...(any([{}]) as [])).compile(), /^invalid-parameter: layers\[0\]/],
  'a window that is higher than the image alone': [
    () => untyped(input(1, 3, 3), conv2d(1, 1, [6, 1]), lif({ beta: 0.9 })).compile(),
    'invalid-parameter: conv1.kernel: expected a window within the padded image but got [6, 1] over an image of [3, 3]',
  ],
  'a window that is larger in both': [
    () => untyped(input(1, 3, 3), conv2d(1, 1, 5), lif({ beta: 0.9 })).compile(),
    'invalid-parameter: conv1.kernel: expected a window within the padded image but got [5, 5] over an image of [3, 3]',
  ],
  'a window that is too large by its dilation': [
    () => untyped(input(1, 4, 4), conv2d(1, 1, [1, 3], { dilation: 2 }), lif({ beta: 0.9 })).compile(),
    /^invalid-parameter: conv1\.kernel: .*\[1, 3\] with dilation \[2, 2\] over an image of \[4, 4\]$/,
  ],
  'a window that is longer than the line': [
    () => untyped(input(1, 3), conv1d(1, 1, 6), lif({ beta: 0.9 })).compile(),
    'invalid-parameter: conv1.kernel: expected a window within the padded image but got [6] over an image of [3]',
  ],
  'a pool that is larger than the image': [
    () => untyped(input(1, 3, 3), maxPool2d([6, 3], { stride: 1 }), lif({ beta: 0.9 })).compile(),
    'invalid-parameter: pool1.kernel: expected a window within the padded image but got [6, 3] over an image of [3, 3]',
  ],
  'a transposed convolution of which nothing is left': [
    () =>
      untyped(
        input(1, 3, 3),
        conv2d(1, 1, 1, { transposed: true, padding: [2, 0] }),
        lif({ beta: 0.9 }),
      ).compile(),
    'invalid-parameter: conv1.padding: expected a padding that leaves pixels but got [2, 0] with a window of [1, 1] and an image of [3, 3]',
  ],
  'a transposed convolution of which nothing is left in both': [
    () =>
      untyped(
        input(1, 3, 3),
        conv2d(1, 1, 1, { transposed: true, padding: 2 }),
        lif({ beta: 0.9 }),
      ).compile(),
    /^invalid-parameter: conv1\.padding: expected a padding that leaves pixels/,
  ],
  'images too small for a network': [
    () => networks.convSnn({ image: [1, 4, 28] }).compile(),
    'invalid-parameter: convSnn.image: expected an image of at least 16 × 16 pixels but got [1, 4, 28]',
  ],
  'images that leave no pixel': [
    () => networks.convSnn({ image: [1, 12, 15] }),
    /^invalid-parameter: convSnn\.image: expected an image of at least 16 × 16/,
  ],
  'a recurrent convolution without a kernel': [
    () => lif({ beta: 0.9, recurrent: any({ kind: 'conv' }) }),
    'invalid-parameter: lif.recurrent.kernel: expected an integer, or [height, width] but got undefined',
  ],
  'a recurrent kernel that is no number': [
    () => lif({ beta: 0.9, recurrent: { kind: 'conv', kernel: any('3') } }),
    'invalid-parameter: lif.recurrent.kernel: expected an integer, or [height, width] but got "3"',
  ],
  'a recurrent kernel of 0': [
    () => lif({ beta: 0.9, recurrent: { kind: 'conv', kernel: [3, 0] } }),
    /^invalid-parameter: lif\.recurrent\.kernel\[1\]: expected an integer from 1/,
  ],
  'a recurrent kernel of three axes': [
    () => lif({ beta: 0.9, recurrent: { kind: 'conv', kernel: any([3, 3, 3]) } }),
    /^invalid-parameter: lif\.recurrent\.kernel: .*\[3, 3, 3\]/,
  ],
  'a recurrent kernel of two axes over a line': [
    () => sequential(input(1, 4), lif({ beta: 0.9, recurrent: { kind: 'conv', kernel: [3, 3] } })).compile(),
    'invalid-parameter: lif1.recurrent.kernel: expected one number but got [3, 3]',
  ],
  'a recurrent padding below 0': [
    () => lif({ beta: 0.9, recurrent: { kind: 'conv', kernel: 3, padding: -1 } }),
    /^invalid-parameter: lif\.recurrent\.padding: expected an integer from 0 .*-1$/,
  ],
  'a recurrent padding that is not whole': [
    () => lif({ beta: 0.9, recurrent: { kind: 'conv', kernel: 3, padding: 1.5 } }),
    /^invalid-parameter: lif\.recurrent\.padding: .*1\.5$/,
  ],
  'a recurrent padding that is none': [
    () => lif({ beta: 0.9, recurrent: { kind: 'conv', kernel: 3, padding: any(null) } }),
    /^invalid-parameter: lif\.recurrent\.padding/,
  ],
  'a graph that is none': [
    () => graph(any(undefined)).compile(),
    'invalid-parameter: graph: expected an object with nodes, edges, output and inputs but got undefined',
  ],
  'nodes that are none': [
    () => graph({ inputs: [2], nodes: any('ab'), edges: [], output: 'a' }).compile(),
    /^invalid-parameter: graph\.nodes: .*"ab"/,
  ],
  'no width': [
    () => sequential(lif({ beta: 0.9 })).compile(),
    /^invalid-parameter: layers\[0\]: expected input\(channels\) first/,
  ],
  'a width of 0': [() => dense(0, 5), /^invalid-parameter: dense\.inputs/],
  'a width that is too large': [() => dense(5, 2 ** 25), /^invalid-parameter: dense\.outputs/],
  'neurons that are no number': [
    () => sequential(lif({ beta: 0.9, neurons: any('3') })).compile(),
    /^invalid-parameter: lif\.neurons/,
  ],
  'a name twice': [
    () => sequential(dense(5, 6, { name: 'a' }), lif({ beta: 0.9, name: 'a' })).compile(),
    /^invalid-parameter: node name: .*"a"/,
  ],
  'the name of the input': [
    () => sequential(dense(5, 6, { name: 'input' }), lif({ beta: 0.9 })).compile(),
    /^invalid-parameter: node name/,
  ],
  'a precision that does not exist': [
    () => network.compile({ precision: any('f16') }),
    /^unknown-name: .*did you mean "f32"|^unknown-name/,
  ],
  'a seed below 0': [() => network.compile({ seed: -1 }), /^invalid-parameter: seed/],
  'a seed that is not exact': [() => network.compile({ seed: 2 ** 53 }), /^invalid-parameter: seed/],
  'a step of 0 ms': [() => network.compile({ dt: 0 }), /^invalid-parameter: dt/],
  'an option of compile that does not exist': [
    () => network.compile(any({ sead: 1 })),
    'unknown-name: unknown option of network "sead"; did you mean "seed"?',
  ],
  'an initializer that does not exist': [
    () => sequential(dense(5, 6, { initial: any({ kind: 'xavier' }) }), lif({ beta: 0.9 })).compile(),
    /^(unknown-name|invalid-parameter|malformed-file): .*xavier/,
  ],
  'a deviation below 0': [
    () =>
      sequential(
        dense(5, 6, { initial: { kind: 'normal', mean: 0, std: -1 } }),
        lif({ beta: 0.9 }),
      ).compile(),
    /^invalid-parameter: dense1\..*-1/,
  ],
  'an initializer that is a function': [
    () => dense(5, 6, { initial: any(() => 1) }),
    "invalid-parameter: dense.initial: expected an initializer, such as { kind: 'zeros' } but got a function",
  ],
  'an initializer without its numbers': [
    () => conv2d(1, 2, 3, { initial: any({ kind: 'uniform' }) }),
    'invalid-parameter: conv2d.initial.low: expected a finite number but got undefined',
  ],
  'an initializer that is not a number': [
    () => embedding(5, 6, { initial: { kind: 'values', values: [1, Number.NaN] } }),
    'invalid-parameter: embedding.initial.values[1]: expected a finite number but got NaN',
  ],
  'an option of an initializer that does not exist': [
    () => lif({ beta: 0.9, recurrent: { kind: 'dense', initial: any({ kind: 'orthogonal', gian: 2 }) } }),
    'unknown-name: unknown option of lif.recurrent.initial "gian"; did you mean "gain"?',
  ],
  'a neuron whose parentheses were forgotten': [
    () => residual(any([lif])),
    'invalid-parameter: residual.body[0]: expected a layer, such as dense(3, 4) or lif() but got function lif',
  ],
  'an input behind a layer': [
    () => sequential(...(any([dense(5, 6), input(6), lif({ beta: 0.9 })]) as [])).compile(),
    'invalid-parameter: layers[1]: expected input() as the first layer of a network only but got "input()"',
  ],
  'no layer behind an input': [
    () => sequential(...(any([input(6), dense(6, 5), 7]) as [])).compile(),
    'invalid-parameter: layers[2]: expected a layer, such as dense(3, 4) or lif() but got 7',
  ],
  'no layer in a branch': [
    () => concat([], any([{}])),
    'invalid-parameter: concat[1][0]: expected a layer, such as dense(3, 4) or lif() but got an object',
  ],
  'a node of a graph that is none': [
    () => graph(any({ inputs: [2], nodes: { a: null }, edges: [['input', 'a']], output: 'a' })).compile(),
    'invalid-parameter: graph.nodes.a: expected a layer, such as dense(3, 4) or lif() but got null',
  ],
  'a graph without an output': [
    () => graph(any({ inputs: [2], nodes: { a: lif({ beta: 0.9 }) }, edges: [['input', 'a']] })).compile(),
    /^invalid-parameter: graph: the name of a node: .*undefined/,
  ],
  'an option of a threshold that does not exist': [
    () => threshold(any({ vTreshold: 2 })),
    'unknown-name: unknown option of threshold "vTreshold"; did you mean "vThreshold"?',
  ],
  'parallel neurons of half a step': [() => psn(2.5), /^invalid-parameter: psn\.steps: .*2\.5/],
  'an option of parallel neurons that does not exist': [
    () => psn(4, any({ ordr: 2 })),
    'unknown-name: unknown option of psn "ordr"; did you mean "order"?',
  ],
  'an option of sliding neurons that does not exist': [
    () => slidingPsn(4, any({ surogate: {} })),
    'unknown-name: unknown option of slidingPsn "surogate"; did you mean "surrogate"?',
  ],
  'no way of joining': [() => join(any(null)), /^invalid-parameter: join: .*null/],
  'fractions that are no list': [() => legendreDecoder(4, any(0.5)), /^invalid-parameter: fractions: .*0\.5/],
  'attention with a neuron that is none': [
    () => selfAttention(8, { neuron: any(lif) }),
    'invalid-parameter: selfAttention.neuron: expected a population, such as lif() but got function lif',
  ],
  'an option of a model that does not exist': [
    () => networks.lmu(any({ inputs: 1, classes: 2, theta: 4, ordr: 3 })),
    'unknown-name: unknown option of lmu "ordr"; did you mean "order"?',
  ],
  'a memory without its sizes': [
    () => networks.associativeLeaky(any(undefined)),
    /^invalid-parameter: associativeLeaky\.inputs: .*undefined/,
  ],
  'an image that is a number': [
    () => networks.convSnn({ image: any(28) }),
    'invalid-parameter: convSnn.image: expected [channels, height, width] but got 28',
  ],
  'a recurrence that does not exist': [
    () => lif({ beta: 0.9, recurrent: any('sparse') }),
    /^unknown-name: .*"sparse"/,
  ],
  'an option of a recurrence that does not exist': [
    () => lif({ beta: 0.9, recurrent: any({ kind: 'dense', biass: true }) }),
    /^unknown-name: .*"biass"; did you mean "bias"\?$/,
  ],
  'a description that is none': [
    () => compile(any({})),
    'invalid-parameter: network.schema: expected a value but got nothing',
  ],
  'a description that is nothing': [() => compile(any(undefined)), /^(malformed-file|invalid-parameter): /],
});

test('an equation that cannot be read: line, column and frame', async (t) => {
  const bad = customSurrogate('1 / (1 +\n  abs(y))');
  for (const call of [
    () => surrogateDerivative(bad, [0]),
    () => sequential(dense(5, 6), lif({ beta: 0.9, surrogate: bad })).compile(),
  ]) {
    const error = await failure(call);
    t.like(error, { code: 'equation', line: 2, column: 7 });
    t.true(error!.code === 'equation' && /abs\(y\)\)\n\s*\^/.test(error!.frame), error!.message);
  }
  for (const text of [
    '',
    '1 +',
    '(',
    'x x',
    '1 / ',
    'exp()',
    'foo(x)',
    '1e999',
    `${'('.repeat(5000)}x${')'.repeat(5000)}`,
    'x = 1',
    '√x',
  ]) {
    const error = await failure(() => surrogateDerivative(customSurrogate(text), [0]));
    t.true(
      error?.code === 'equation' || error?.code === 'invalid-parameter',
      `${text.slice(0, 20)}: ${error?.code}`,
    );
  }
  t.is((await failure(() => customSurrogate('x * k', { k: Number.NaN })))?.code, 'invalid-parameter');
});
