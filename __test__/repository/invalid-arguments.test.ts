// Arguments that are none, where objects of options and of data are taken apart: each a typed error that names them.

import test from 'ava';
import * as analysis from '../../src-ts/doors/analysis.ts';
import {
  circuit,
  connect,
  currentSource,
  poisson,
  population,
  record,
  rule,
  simulate,
} from '../../src-ts/doors/circuit.ts';
import { decode, encode, encodeTargets } from '../../src-ts/doors/data.ts';
import { iafPscExp, lif } from '../../src-ts/doors/neurons.ts';
import { dense, graph, Model, sequential } from '../../src-ts/index.ts';
import { failure } from '../support/errors.ts';
import { any, table, values } from '../support/table.ts';

const chain = sequential(dense(5, 6), lif({ beta: 0.9 }));
const nodes = { a: dense(5, 6), b: lif({ beta: 0.9 }) };
const edges = [
  ['input', 'a'],
  ['a', 'b'],
] as const;
const branching = graph({ inputs: [5], nodes, edges: any(edges), output: 'b' });
const E = population(iafPscExp, 10, { name: 'E' });
const network = circuit(E, connect(E, E, rule.allToAll(), { weight: 1, delay: 1 }));
const data = { x: values(4), shape: [2, 2] };
const trains = analysis.spikeTrains([[1, 2], [3]], { stop: 10 });
const none = 'a value (leave the option out for its default) but got null';

table('no argument at all', {
  'options of compile': [
    () => chain.compile(any(null)),
    'invalid-parameter: compile: expected an object of options but got null',
  ],
  'options of compile that are a number': [
    () => branching.compile(any(3)),
    'invalid-parameter: compile: expected an object of options but got 3',
  ],
  'options of load': [
    () => Model.load('x', any(null)),
    'invalid-parameter: Model.load: expected an object of options but got null',
  ],
  weights: [
    async () => (await chain.compile()).setWeights(any(null)),
    'invalid-parameter: weights: expected an object or a map of names but got null',
  ],
  'what a model of neurons gives': [
    () =>
      population(
        any(() => null),
        3,
        any({}),
      ),
    'invalid-parameter: model: expected a neuron model, such as iafPscExp but got a function',
  ],
  'neurons of a simulation': [
    async () => (await network.compile()).connections(any(null)),
    'invalid-parameter: neurons: expected neurons of this network, or their name but got null',
  ],
  'a time without end': [
    () => simulate(network, { duration: 1e300 }),
    /^invalid-parameter: duration: expected at most 2\^40 steps of 0\.1 ms but got 1e\+300$/,
  ],
  'a node called as what enters': [
    () =>
      graph({
        inputs: [5],
        nodes: { input: nodes.a, b: nodes.b },
        edges: [['input', 'b']],
        output: 'b',
      }).compile(),
    'invalid-parameter: graph.nodes: expected another name: \'input\' is the input of the network but got "input"',
  ],
  'a span': [() => analysis.spikeTrains([[1]], any(undefined)), /^invalid-parameter: span: /],
  'a span within': [() => analysis.within(trains, any(null)), /^invalid-parameter: span: /],
  'trains to choose': [() => analysis.select(trains, any(null)), /^invalid-parameter: ids: /],
  'outputs to decode': [
    () => decode({ kind: 'rate' }, any([1, 2]), [1, 1, 2]),
    /^invalid-parameter: outputs: /,
  ],
  'a shape to decode': [() => decode({ kind: 'rate' }, values(2), any(null)), /^invalid-parameter: shape: /],
  'a shape to decode of two sizes': [
    () => decode({ kind: 'rate' }, values(2), any([1, 2])),
    /^invalid-parameter: shape: expected \[time, batch, neurons\]/,
  ],
  'options of targets': [
    () => encodeTargets(Uint8Array.of(1), 2, any(undefined)),
    /^invalid-parameter: options: /,
  ],
});

for (const [name, encoder] of Object.entries(encode) as [
  string,
  (...args: unknown[]) => Promise<unknown>,
][]) {
  test(`encode.${name} of nothing`, async (t) => {
    for (const args of [
      [],
      [null],
      [{}],
      [{ x: values(4), shape: null }],
      [{ x: values(4), shape: ['2', 2] }],
      [data, null],
      [data, 3],
    ]) {
      t.is((await failure(() => encoder(...args)))?.code, 'invalid-parameter', JSON.stringify(args));
    }
  });
}

test('null is the value of no option', async (t) => {
  const says = async (call: () => unknown, name: string) => {
    const error = await failure(call);
    t.is(`${error?.code}: ${error?.message}`, `invalid-parameter: ${name}: expected ${none}`);
  };
  for (const name of ['duration', 'dt', 'seed', 'precision', 'threads', 'signal', 'onProgress']) {
    await says(() => simulate(network, { duration: 1, [name]: null } as never), `simulate.${name}`);
    if (name !== 'duration') await says(() => network.compile({ [name]: null } as never), `compile.${name}`);
  }
  for (const name of ['dt', 'precision', 'seed', 'inputs', 'vocabulary'])
    await says(() => chain.compile({ [name]: null } as never), `network.${name}`);
  for (const name of ['weight', 'delay', 'port', 'model', 'modulator', 'structural']) {
    const synapse = { weight: 1, delay: 1, [name]: null } as never;
    await says(() => connect(E, E, rule.allToAll(), synapse), `synapse.${name}`);
  }
  await says(() => rule.fixedInDegree(1, { autapses: null } as never), 'rule.autapses');
  await says(() => connect(poisson(1), E, { weight: 1, port: null } as never), 'synapse.port');
  await says(() => connect(currentSource(1), E, { port: null } as never), 'synapse.port');
  const learning = connect(E, E, rule.allToAll(), { weight: 1, delay: 1 });
  t.is((await failure(() => record.weights(learning, { every: null } as never)))?.code, 'invalid-parameter');
  for (const every of [null, Number.NaN])
    t.is((await failure(() => record.traces(E, ['v'], every as never)))?.code, 'invalid-parameter');
  for (const name of ['name', 'initial', 'layout', 'intrinsic', 'tauMem', 'like'])
    t.is(
      (await failure(() => population(iafPscExp, 3, { [name]: null } as never)))?.code,
      'invalid-parameter',
      name,
    );
});
