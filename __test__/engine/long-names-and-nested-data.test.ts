// Strings and data that somebody has made to cost time: names of any length, nested and shared data. All is bounded.
import test from 'ava';
import { nearestName } from '../../src-ts/checks/nearest-name.ts';
import { circuit, circuitOf, population, rule } from '../../src-ts/doors/circuit.ts';
import { encode, vocabulary } from '../../src-ts/doors/data.ts';
import { figure } from '../../src-ts/doors/figure.ts';
import { customSurrogate, izhikevich, lif, neuron, surrogate } from '../../src-ts/doors/neurons.ts';
import { adam, dense, graph, type Layer, loss, residual, sequential } from '../../src-ts/index.ts';
import { outcome } from '../support/errors.ts';

const long = 'a'.repeat(20_000);

const bound = 500;

/** Milliseconds that a call takes, and its outcome. Of a few calls the fastest: other tests run meanwhile. */
async function timed(call: () => unknown): Promise<{ ms: number; message: string }> {
  let [ms, message] = [Number.POSITIVE_INFINITY, ''];
  for (let i = 0; i < 3 && ms >= bound; i++) {
    const began = performance.now();
    message = await outcome(call);
    ms = Math.min(ms, performance.now() - began);
  }
  return { ms, message };
}

const options = { dt: 0.1, [long]: 1 } as never;
const cells = population(izhikevich, 3, { name: long });
const deep = (depth: number): unknown => {
  let value: unknown = 1;
  for (let i = 0; i < depth; i++) value = i % 2 === 0 ? [value] : { a: value };
  return value;
};
/** Data of 2 to the power of 60 objects, of which 60 are in memory. */
const shared = (): unknown => {
  let value: unknown = { a: 1 };
  for (let i = 0; i < 60; i++) value = [value, value];
  return value;
};

const names: Record<string, () => unknown> = {
  'an option of compile': () => sequential(dense(2, 2), lif({ beta: 0.9 })).compile(options),
  'an option of a neuron': () => sequential(dense(2, 2), lif({ beta: 0.9, [long]: 1 } as never)).compile(),
  'a parameter of a population': () => circuit(population(izhikevich, 3, { [long]: 1 } as never)).compile(),
  'an option of an optimizer': () => adam(options),
  'an option of a surrogate': () => surrogate.sigmoid(options),
  'an option of a loss': () => loss.crossEntropyCount(options),
  'an option of an encoder': () => encode.rate({ x: new Float32Array(2), shape: [1, 2] }, options),
  'a population': () => circuit(cells).population(`${long}b`),
  'a rule': () => rule.fixedInDegree(long as never),
  'a method of equations': () => neuron({ state: { v: 0 }, update: "v' = -v/10", method: long } as never),
  'a variable in equations': () => neuron({ state: { v: 0 }, update: `v' = -${long}/10` } as never),
  'a surrogate of equations': () =>
    sequential(dense(2, 2), lif({ beta: 0.9, surrogate: customSurrogate(long) })).compile(),
  'a layer to record': async () => {
    using model = await sequential(dense(2, 2), lif({ beta: 0.9 })).compile();
    await model.run({ x: new Float32Array(2), shape: [1, 2] }, { steps: 1, record: [`${long}.v`] });
  },
  weights: async () => {
    using model = await sequential(dense(2, 2), lif({ beta: 0.9 })).compile();
    await model.setWeights({ [long]: new Float32Array(4) });
  },
};

for (const [what, call] of Object.entries(names)) {
  test.serial(`a name of 20,000 characters: ${what}`, async (t) => {
    const { ms, message } = await timed(call);
    t.regex(message, /^(unknown-name|invalid-parameter|equation|malformed-file)/, message.slice(0, 200));
    t.true(ms < bound, `${ms} ms`);
    t.true(message.length < 5000, `a message of ${message.length} characters`);
  });
}

for (const label of [long, 'word '.repeat(4000), '漢'.repeat(20_000)]) {
  test.serial(`a label of 20,000 characters in a figure: ${label.slice(0, 5)}`, async (t) => {
    const counts = [
      [3, 1],
      [2, 4],
    ];
    const { ms } = await timed(async () => (await figure.confusion(counts, { classes: [label, 'b'] })).svg());
    t.true(ms < bound, `${ms} ms`);
  });
}

test.serial('thousands of layers: a summary and a graph take time in proportion', async (t) => {
  const count = 3000;
  const layers = Array.from({ length: count }, () => [dense(2, 2), lif({ beta: 0.9 })]).flat();
  using model = await sequential(...layers).compile();
  const summary = await timed(() => model.summary());
  t.true(summary.ms < bound, `${summary.ms} ms`);
  t.is(model.summary().split('\n').length, 2 * count + 5);

  const nodes = Object.fromEntries(layers.map((layer, i) => [`node ${i}`, layer]));
  const names = ['input', ...Object.keys(nodes)];
  const edges = names.slice(1).map((name, i) => [names[i]!, name] as [string, string]);
  const chain = graph({ inputs: [2], nodes, edges, output: names.at(-1)! });
  const described = await timed(() => chain.description);
  t.true(described.ms < bound, `${described.ms} ms`);
  t.is(chain.description.nodes.length, 2 * count);
});

test.serial('any number of known names, however long they are', async (t) => {
  const known = Array.from({ length: 50_000 }, (_, i) => `${'layer'.repeat(10)}${i}`);
  for (const candidates of [known, known.map((name) => name + long.slice(0, 1000))]) {
    const { ms } = await timed(() => nearestName(`${'layer'.repeat(10)}x`, candidates));
    t.true(ms < bound, `${ms} ms`);
  }
  t.is(nearestName('betta', ['alpha', 'beta', long]), 'beta');
  t.is(nearestName(long, ['alpha', long]), undefined);
});

const data: Record<string, (value: never) => unknown> = {
  'a description': (value) => circuitOf(value).compile(),
  'a network’s neuron': (value) =>
    circuitOf({ version: 1, populations: [{ name: 'E', size: 3, neuron: value }] } as never).compile(),
  'a layer': (value) => sequential(value).compile(),
  parameters: (value) => sequential(dense(2, 2), lif({ beta: value })).compile(),
  'a loss': (value) => loss.crossEntropyCount(value),
  'metadata of a model': async (value) => {
    using model = await sequential(dense(2, 2), lif({ beta: 0.9 })).compile();
    model.metadata = { value };
  },
  'a network to JSON': (value) =>
    circuitOf({ version: 1, populations: [{ name: 'E', size: 3, neuron: value }] } as never).toJSON(),
};

for (const [what, call] of Object.entries(data)) {
  for (const [form, value] of [
    ['100,000 deep', deep(1e5)],
    ['2⁶⁰ objects', shared()],
  ] as const) {
    test.serial(`${what} that is ${form}`, async (t) => {
      const { ms, message } = await timed(() => call(value as never));
      t.regex(message, /^[a-z-]+: /, message.slice(0, 200));
      t.notRegex(message, /^(internal|succeeded)/);
      t.true(ms < 5000, `${ms} ms`);
    });
  }
}

test.serial('branches within branches without end, and branches of 2⁶⁰ layers', async (t) => {
  const nested = (depth: number, parts: (layer: Layer) => Layer[]) => {
    let layer: Layer = dense(4, 4);
    for (let i = 0; i < depth; i++) layer = residual(parts(layer) as never) as Layer;
    return () => sequential(dense(4, 4), layer as never, lif({ beta: 0.9 })).compile();
  };
  const nestedError = (depth: number, parts: (layer: Layer) => Layer[]) => timed(nested(depth, parts));
  t.is((await nestedError(50, (layer) => [layer])).message, 'succeeded');
  for (const [depth, parts] of [
    [1e4, (layer: Layer) => [layer]],
    [60, (layer: Layer) => [layer, layer]],
  ] as const) {
    const { ms, message } = await nestedError(depth, parts);
    t.regex(message, /^invalid-parameter: layers: expected fewer/);
    t.true(ms < 10_000, `${ms} ms`);
  }
});

test.serial('long equations take as long as they are long', async (t) => {
  const sum = (terms: number) => Array.from({ length: terms }, (_, i) => `${i}.5*v`).join(' + ');
  const lines = (count: number) =>
    Array.from({ length: count }, (_, i) => `x${i + 1} = x${i}*x${i} + x${i}`).join('\n');
  for (const update of [
    `v' = -(${sum(20_000)})/10`,
    `x0 = v\n${lines(2000)}\nv' = -x2000/10`,
    `v' = ${'('.repeat(1e5)}v${')'.repeat(1e5)}/10`,
    `v' = ${'-'.repeat(1e5)}v/10`,
    `v' = v${'**v'.repeat(1e4)}`,
    `v' = ${'exp('.repeat(1e4)}v${')'.repeat(1e4)}`,
    `v' = ${'1'.repeat(1e5)}*v`,
    ' '.repeat(1e6),
    "v' = v\n".repeat(2e4),
  ]) {
    const { ms, message } = await timed(() => neuron({ state: { v: 0 }, update }));
    t.regex(message, /^(succeeded|equation|invalid-parameter|too-large|unknown-name)/, message.slice(0, 300));
    t.true(ms < 5000, `${ms} ms of ${update.slice(0, 40)}`);
    t.true(message.length < 5000, `${message.length} characters of ${update.slice(0, 40)}`);
  }
});

test.serial('a vocabulary of a long text takes as long as it is long', async (t) => {
  const text = Array.from({ length: 2e6 }, (_, i) => String.fromCharCode(97 + (i % 26))).join('');
  const { ms, message } = await timed(() => vocabulary(text).encode(text));
  t.is(message, 'succeeded');
  t.true(ms < 5000, `${ms} ms`);
});
