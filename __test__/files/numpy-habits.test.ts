// NumPy's habits: integers of 64 bits wherever labels, identifiers, indices or times enter, sparse matrices of SciPy, endings of files.
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
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
  spikeSource,
  spikeTimes,
} from '../../src-ts/doors/circuit.ts';
import { collate, DataLoader, decode, encodeTargets, tokenWindows } from '../../src-ts/doors/data.ts';
import { readSparse, readTensors, toDense, writeTensors } from '../../src-ts/doors/files.ts';
import { iafPscExp, lif } from '../../src-ts/doors/neurons.ts';
import {
  dense,
  embedding,
  evaluateLoss,
  evaluatePenalty,
  LapicqueError,
  loss,
  sequential,
} from '../../src-ts/index.ts';

const fixture = (name: string) => join('__test__/files/fixtures/scipy', name);

const model = sequential(dense(3, 4), lif({ beta: 0.9 }), dense(4, 3), lif({ beta: 0.9 })).compile({
  seed: 1,
});
const x = Uint8Array.from({ length: 5 * 2 * 3 }, (_, i) => Number(i % 2 === 0));
const shape = [5, 2, 3];
const objective = loss.crossEntropyCount();
const outputs = {
  spikes: Float32Array.from({ length: 30 }, (_, i) => i % 2),
  v: new Float32Array(30),
  shape: [5, 2, 3],
} as const;
const cells = () => population(iafPscExp, 4, { name: 'E' });
const trains = { neurons: 3, stop: 100 };
const spikes = { times: Float64Array.of(1, 5, 7, 30), ids: Uint32Array.of(0, 1, 2, 0), ...trains };

/** Whole numbers in an array of that kind. */
type Make = (...values: number[]) => never;

/** Everything that takes whole numbers, given an array of some kind, and what it says of one that does not fit. */
const entries: Record<string, { run: (of: Make) => unknown; wrong: (of: Make) => unknown; named: RegExp }> = {
  'labels of a batch': {
    run: async (of) =>
      (await (await model).evaluateStep({ x, shape, y: of(1, 2) }, { loss: objective })).loss,
    wrong: async (of) => (await model).trainStep({ x, shape, y: of(1, -2) }, { loss: objective }),
    named: /batch\.y\[1\]: .*but got -2/,
  },
  'lengths of a batch': {
    run: async (of) =>
      (await (await model).evaluateStep({ x, shape, y: of(1, 2), lengths: of(5, 3) }, { loss: objective }))
        .loss,
    wrong: async (of) => (await model).predict({ x, shape, lengths: of(-1, 3) }),
    named: /batch\.lengths\[0\]: .*but got -1/,
  },
  'evaluate: accuracy and confusion matrix': {
    run: async (of) =>
      (await (await model).evaluate([{ x, shape, y: of(1, 2) }], { loss: objective })).confusion,
    wrong: async (of) => (await model).evaluate([{ x, shape, y: of(1, -1) }], { loss: objective }),
    named: /batch\.y\[1\]/,
  },
  'a loader of arrays': {
    run: async (of) => {
      const source = { x, y: of(1, 2), shape, timeMajor: true, lengths: of(5, 4) };
      const batches = [];
      for await (const { y, lengths } of new DataLoader(source as never, {
        batchSize: 2,
      }) as never as AsyncIterable<{
        y: Uint32Array;
        lengths: Uint32Array;
      }>)
        batches.push([...y].map(Number), [...lengths]);
      return batches;
    },
    wrong: (of) =>
      new DataLoader({ x, y: of(1, 2), shape, timeMajor: true, lengths: of(5, -4) } as never, {
        batchSize: 2,
      }),
    named: /source\.lengths\[1\]: .*but got -4/,
  },
  'samples of a list': {
    run: (of) =>
      Array.from((collate([{ x: new Float32Array(3), y: of(2) }]) as never as { y: Uint32Array }).y, Number),
    wrong: (of) => evaluateLoss(objective, outputs, of(0, -7)),
    named: /targets\[1\]: .*but got -7/,
  },
  'a loss at hand': {
    run: async (of) => (await evaluateLoss(objective, outputs, of(0, 2), of(5, 2))).loss,
    wrong: (of) => evaluateLoss(objective, outputs, of(0, 2), of(5, -2)),
    named: /lengths\[1\]/,
  },
  'a penalty at hand': {
    run: (of) => evaluatePenalty({ kind: 'l1-count', lambda: 1 }, outputs.spikes, [5, 2, 3], of(5, 2)),
    wrong: (of) => evaluatePenalty({ kind: 'l1-count', lambda: 1 }, outputs.spikes, [5, 2, 3], of(5, -2)),
    named: /lengths\[1\]/,
  },
  'labels to encode': {
    run: async (of) => (await encodeTargets(of(1, 0), 3, { code: 'rate' })).x,
    wrong: (of) => encodeTargets(of(1, -1), 3, { code: 'rate' }),
    named: /labels\[1\]/,
  },
  'lengths to decode': {
    run: (of) => decode({ kind: 'spike-count' }, outputs.spikes, [5, 2, 3], of(5, 2)).scores,
    wrong: (of) => decode({ kind: 'spike-count' }, outputs.spikes, [5, 2, 3], of(5, -2)),
    named: /lengths\[1\]/,
  },
  tokens: {
    run: (of) => tokenWindows(of(1, 2, 3, 4, 5), { steps: 2 }).y,
    wrong: (of) => tokenWindows(of(1, -2, 3, 4, 5), { steps: 2 }),
    named: /tokens\[1\]/,
  },
  'events of a session': {
    run: async (of) => {
      const session = await (await model).session();
      return Array.from({ length: 9 }, () => [...session.push(of(0, 2))]);
    },
    wrong: async (of) => (await (await model).session()).push(of(0, -2)),
    named: /events\[1\]/,
  },
  'a list of synapses': {
    run: (of) => {
      const E = cells();
      const net = circuit(
        E,
        connect(poisson(8000), E, { weight: 5 }),
        connect(E, E, rule.list(of(0, 1), of(2, 3)), { weight: of(9, 8), delay: of(1, 2) }),
      );
      return simulate(net, { duration: 30 }).then(({ times, ids }) => [...times, ...ids]);
    },
    wrong: (of) => rule.list(of(0, -1), of(2, 3)),
    named: /sources\[1\]/,
  },
  'times of sources': {
    run: (of) => {
      const E = cells();
      const net = circuit(
        E,
        connect(spikeSource([of(1, 5, 9)]), E, rule.allToAll(), { weight: 30, delay: 1 }),
        connect(currentSource({ times: of(3, 7), values: of(800, 0) }), E),
        record.traces(E, ['v'], 1, of(0, 2)),
      );
      return simulate(net, { duration: 20 }).then(({ times, traces }) => [
        ...times,
        ...traces['E.v']!.values,
      ]);
    },
    wrong: (of) => spikeSource([of(1, -5)]),
    named: /trains\[0\]\[1\]/,
  },
  'rates over time': {
    run: (of) => {
      const E = cells();
      const net = circuit(E, connect(poisson({ times: of(1, 5), values: of(9000, 0) }), E, { weight: 5 }));
      return simulate(net, { duration: 20 }).then(({ times }) => [...times]);
    },
    wrong: (of) => poisson({ times: of(1, 5), values: of(900, -1) }),
    named: /rate\.values\[1\]/,
  },
  'neurons of a recorder': {
    run: (of) => (record.traces(cells(), ['v'], 1, of(0, 2)) as { neurons?: unknown }).neurons,
    wrong: (of) => record.traces(cells(), ['v'], 1, of(0, -2)),
    named: /neurons\[1\]/,
  },
  'spike times of one neuron': {
    run: async (of) => [
      ...(await spikeTimes(iafPscExp({ iBias: 0 }) as never, {
        current: { times: of(0), values: of(900) },
        duration: 40,
      }).catch(String)),
    ],
    wrong: (of) => rule.list(of(0), of(-3)),
    named: /targets\[0\]/,
  },
  'identifiers of trains': {
    run: (of) => analysis.cv({ ...spikes, ids: of(0, 1, 2, 0) }),
    wrong: (of) => analysis.cv({ ...spikes, ids: of(0, 1, -2, 0) }),
    named: /ids\[2\]/,
  },
  'trains from lists, and some of them': {
    run: (of) => {
      const all = analysis.spikeTrains([of(1, 4), of(2)], { stop: 10 });
      const { times, ids } = analysis.select(all, of(1));
      return [...all.times, ...times, ...ids];
    },
    wrong: (of) => analysis.select(analysis.spikeTrains([of(1, 4)], { stop: 10 }), of(-1)),
    named: /ids\[0\]/,
  },
};

const kinds: Record<string, { of: Make; signed: boolean }> = {
  BigInt64Array: { of: ((...v: number[]) => BigInt64Array.from(v, BigInt)) as Make, signed: true },
  BigUint64Array: { of: ((...v: number[]) => BigUint64Array.from(v, BigInt)) as Make, signed: false },
  Int32Array: { of: ((...v: number[]) => Int32Array.from(v)) as Make, signed: true },
  Uint16Array: { of: ((...v: number[]) => Uint16Array.from(v)) as Make, signed: false },
};

for (const [name, { run, wrong, named }] of Object.entries(entries)) {
  test(`${name}: any width of integers, and what does not fit is told by its place`, async (t) => {
    const expected = await run(((...values: number[]) => Uint32Array.from(values)) as Make);
    for (const [kind, { of, signed }] of Object.entries(kinds)) {
      t.deepEqual(await run(of), expected, kind);
      if (!signed) continue;
      const error = await t.throwsAsync(async () => wrong(of), undefined, kind);
      t.true(error instanceof LapicqueError && error.code === 'invalid-parameter', `${kind}: ${error}`);
      t.regex(error!.message, named, kind);
    }
  });
}

test('64-bit integers that no index holds are refused', async (t) => {
  const large = BigInt64Array.of(1n, 2n ** 40n);
  await t.throwsAsync(async () => (await model).evaluateStep({ x, shape, y: large }, { loss: objective }), {
    message: /batch\.y\[1\]: expected an integer from 0 to 4294967295 but got 1099511627776n/,
  });
  t.throws(() => rule.list(large, large), { message: /sources\[1\]/ });
  t.throws(() => spikeSource([BigInt64Array.of(2n ** 60n)]), {
    message: /trains\[0\]\[0\]: .*up to 9007199254740991/,
  });
});

test('tokens of 64 bits enter an embedding', async (t) => {
  const network = await sequential(embedding(5, 4), lif({ beta: 0.9 })).compile({ seed: 1 });
  const tokens = [0, 4, 2, 1];
  const expected = await network.run({ x: Float32Array.from(tokens), shape: [2, 2, 1] });
  const got = await network.run({ x: BigInt64Array.from(tokens, BigInt) as never, shape: [2, 2, 1] });
  t.deepEqual(got.v, expected.v);
});

test('sparse matrices of SciPy: CSR, CSC and COO, of any type', async (t) => {
  const { data, shape } = (await readTensors(fixture('dense.npy'))).tensors.get('dense')!;
  const expected = Array.from(data as Float64Array);
  const files = (await readdir('__test__/files/fixtures/scipy')).filter((name) =>
    /^(csr|csc|coo)/.test(name),
  );
  t.is(files.length, 6);
  for (const file of files) {
    const matrix = await readSparse(fixture(file));
    t.deepEqual([...matrix.shape], [...shape], file);
    t.is(matrix.values.length, 4);
    const whole = toDense(matrix);
    t.deepEqual([...whole.data], expected, file);
    t.deepEqual(whole.shape, [3, 4]);
  }
  const of = async (name: string) => [...toDense(await readSparse(fixture(`${name}.npz`))).data];
  t.deepEqual(
    await of('bool_int64'),
    expected.map((x) => Number(x !== 0)),
  );
  t.deepEqual(
    await of('int16'),
    expected.map((x) => 4 * x),
  );
  t.deepEqual(await of('single'), expected);
  t.true((await readSparse(fixture('single.npz'))).values instanceof Float32Array);
  t.deepEqual(await of('empty'), [0, 0, 0, 0, 0, 0]);
});

test('a sparse matrix is the synapses of a connection, or the weights of a layer', async (t) => {
  const { rows, columns, values } = await readSparse(fixture('csr.npz'));
  const [pre, post] = [population(iafPscExp, 4, { name: 'pre' }), population(iafPscExp, 3, { name: 'post' })];
  using simulation = await circuit(
    pre,
    post,
    connect(pre, post, rule.list(columns, rows), { weight: values, delay: 1 }),
  ).compile({ precision: 'f64' });
  const { sources, targets, weights } = await simulation.connections(pre, post);
  const found = Array.from(sources, (source, i) => [targets[i], source, weights[i]]).sort();
  const expected = Array.from(rows, (row, i) => [row, columns[i], values[i]]).sort();
  t.deepEqual(found, expected as typeof found);

  const layer = await sequential(dense(4, 3, { bias: false }), lif({ beta: 0.9 })).compile();
  const weight = toDense(await readSparse(fixture('single.npz')));
  await layer.setWeights({ 'dense1.weight': weight });
  t.deepEqual((await layer.weights())['dense1.weight'], weight.data as Float32Array);
});

test('what is no such matrix is refused', async (t) => {
  const message = async (name: string) => (await t.throwsAsync(readSparse(fixture(name))))!.message;
  t.regex(await message('dia.npz'), /sparse matrices of the form "dia"/);
  t.regex(await message('bsr.npz'), /sparse matrices of the form "bsr"/);
  t.regex(await message('dense.npy'), /it has no array "format"/);
  const folder = await mkdtemp(join(tmpdir(), 'lapicque-sparse-'));
  t.teardown(() => rm(folder, { recursive: true }));
  const { tensors } = await readTensors(fixture('csr.npz'));
  const altered = async (name: string, data: Int32Array) => {
    const path = join(folder, 'altered.npz');
    await writeTensors(path, new Map([...tensors, [name, { dtype: 'I32', data, shape: [data.length] }]]));
    return (await t.throwsAsync(readSparse(path)))!.message;
  };
  t.regex(await altered('indices', Int32Array.of(1, 3, 0, 9)), /indices\[3\] is 9, beyond 4/);
  t.regex(await altered('indices', Int32Array.of(1, -3, 0, 2)), /indices\[1\]: .*but got -3/);
  t.regex(await altered('indptr', Int32Array.of(0, 1, 2, 3)), /indptr does not lead from 0 to 4/);
  t.regex(await altered('indptr', Int32Array.of(0, 3, 2, 4)), /indptr\[2\] is less/);
  const matrix = await readSparse(fixture('csr.npz'));
  t.throws(() => toDense({ ...matrix, shape: [2, 4] }), { message: /matrix\.rows\[2\]/ });
  t.throws(() => toDense({ ...matrix, shape: [2 ** 30, 2 ** 30] }), { code: 'too-large' });
});

test('texts of NumPy are their bytes or code points', async (t) => {
  const { tensors } = await readTensors(fixture('texts.npz'));
  const of = (name: string) => {
    const { data, shape } = tensors.get(name)!;
    return [String.fromCodePoint(...Array.from(data as Uint32Array)).replaceAll('\0', ''), [...shape]];
  };
  t.deepEqual(of('bytes'), ['csr', [3]]);
  t.deepEqual(of('unicode'), ['čs', [2]]);
  t.deepEqual(of('list'), ['abcde', [2, 2, 2]]);
  t.deepEqual(of('big'), ['x', [2]]);
});

test('a file of another ending is refused before anything is written', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'lapicque-endings-'));
  t.teardown(() => rm(folder, { recursive: true }));
  for (const name of ['a.txt', 'a', 'a.np', 'a.npz.bak', 'a.pt', 'a.h5']) {
    const error = await t.throwsAsync(writeTensors(join(folder, name), { a: Float32Array.of(1) }));
    t.regex(error!.message, /target: expected a name that ends in \.safetensors, \.npz, \.npy/, name);
  }
  t.deepEqual(await readdir(folder), []);
});
