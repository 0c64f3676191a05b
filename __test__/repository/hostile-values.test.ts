// Values that no caller means, as arguments of every exported function: a typed error, or an answer, never another error.
import { mkdtemp, rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import test from 'ava';
import { failure } from '../support/errors.ts';
import * as lapicque from '../support/library.ts';
import { run } from '../support/process.ts';

let folder: string;
test.before(async () => {
  folder = resolve(await mkdtemp(join('build', 'hostile-values-')));
});
test.after.always(() => rm(folder, { recursive: true, force: true }));

function detached<A extends ArrayBufferView>(array: A): A {
  structuredClone(array.buffer, { transfer: [array.buffer as ArrayBuffer] });
  return array;
}

test('every exported function refuses symbols, 64-bit integers, transferred memory, odd objects', async (t) => {
  t.timeout(300_000);
  // In a process of its own, in a folder of its own: some of these are paths of files to write.
  const bad = await run<string[]>(
    `
    process.chdir(${JSON.stringify(folder)});
    const { LapicqueError } = lapicque;
    const detached = (array) => (structuredClone(array.buffer, { transfer: [array.buffer] }), array);
    const own = new RangeError('thrown by the value itself');
    const thrower = () => { throw own; };
    const traps = ['get', 'has', 'ownKeys', 'getPrototypeOf', 'getOwnPropertyDescriptor', 'set', 'defineProperty'];
    const throwing = Object.fromEntries(traps.map((trap) => [trap, thrower]));
    const hostile = {
      symbol: Symbol('s'), bigint: 1n, text: 'zzz', null: null, NaN: NaN, negative: -1, function: () => 1,
      'detached bytes': detached(new Uint8Array(4)), 'detached floats': detached(new Float32Array(4)),
      proxy: new Proxy({}, throwing), 'proxy of a function': new Proxy(function () {}, throwing),
      getter: { get kind() { throw own; } }, 'null prototype': Object.create(null),
      'null prototype with a kind': Object.assign(Object.create(null), { kind: 'zz' }),
      class: class A {}, symbols: [Symbol('x')], bigints: [1n], 'a symbol as kind': { kind: Symbol('k') },
      Date: new Date(0), Map: new Map(), DataView: new DataView(new ArrayBuffer(8)), Promise: Promise.resolve(1),
    };
    // Not of the public API, though in a public namespace.
    const internal = /^distribution\\.(distributionOf|isDistribution|isList|valuesOf|expression|synapseValuesOf)$|^space\\.checkSpace$/;
    const isClass = (value) => /^class\\b/.test(Function.prototype.toString.call(value));
    const functions = [];
    for (const [name, value] of Object.entries(lapicque)) {
      // These serve or change the whole process.
      if (['view', 'setThreads', 'setSimd', 'setEngineLimits'].includes(name)) continue;
      if (typeof value === 'function' && !isClass(value)) functions.push([name, value]);
      else if (typeof value === 'object')
        for (const [key, f] of Object.entries(value))
          if (typeof f === 'function' && !isClass(f)) functions.push([name + '.' + key, f]);
    }
    const bad = [];
    for (const [name, f] of functions) {
      if (internal.test(name)) continue;
      for (const [what, value] of Object.entries(hostile))
        for (const args of [[value], [value, value], [value, {}, value], [{}, value], [[], value], [undefined, value],
          [4, value], [new Float32Array(4), value]])
          try {
            let late;
            const timeout = new Promise((_, no) => { late = setTimeout(no, 5000, new Error('it did not end')); });
            try { await Promise.race([f(...args), timeout]); } finally { clearTimeout(late); }
          } catch (error) {
            // What the value itself throws is its caller's, as of a callback.
            const isTyped = error instanceof LapicqueError && error.code !== 'internal';
            if (!isTyped && error !== own) bad.push(name + ' with ' + what + ' at ' + args.indexOf(value) + ': ' + error.name + ': ' + error.message);
          }
    }
    console.log(JSON.stringify(bad));
    process.exit();
  `,
    {},
    240_000,
  );
  t.deepEqual(bad.slice(0, 20), []);
});

test('events of a session are channel numbers', async (t) => {
  using model = await lapicque
    .sequential(lapicque.dense(3, 2), lapicque.lif({ beta: 0.9 }))
    .compile({ seed: 1 });
  using session = await model.session();
  for (const event of [1n, Symbol('x'), '1', 1.5, null, {}, Number.NaN, -1, 2 ** 32, new Date(0)]) {
    const error = await failure(() => session.push([event] as never));
    t.is(error?.code, 'invalid-parameter', String(event));
    t.regex(error!.message, /^events\[0\]: expected a channel number/);
  }
  session.push([0, 2]);
});

test('HDF5 writes groups of plain objects and maps, and refuses all else', async (t) => {
  const refused: Record<string, unknown> = {
    ...{ date: new Date(), set: new Set([1]), weakMap: new WeakMap(), promise: Promise.resolve(1) },
    ...{
      view: new DataView(new ArrayBuffer(4)),
      memory: new ArrayBuffer(4),
      pattern: /a/,
      error: new Error('x'),
    },
    ...{ url: new URL('https://example.org'), symbol: Symbol('x'), function: () => 1, null: null, undefined },
    instance: new (class {
      x = 1;
    })(),
    detached: detached(new Float32Array(4)),
    'detached rows': [new Float32Array(2), detached(new Float32Array(2))],
  };
  for (const [what, value] of Object.entries(refused)) {
    for (const tree of [{ a: value }, { deep: { a: value } }, new Map([['a', value]])])
      t.is((await failure(() => lapicque.hdf5Bytes(tree as never)))?.code, 'invalid-parameter', what);
    const attribute = lapicque.hdf5Group({ a: 1 }, { x: value } as never);
    t.is((await failure(() => lapicque.hdf5Bytes(attribute as never)))?.code, 'invalid-parameter', what);
  }
  for (const root of [new Date(), new Set(), Promise.resolve({}), new DataView(new ArrayBuffer(1))])
    t.is((await failure(() => lapicque.hdf5Bytes(root as never)))?.code, 'invalid-parameter');
  const cyclic: Record<string, unknown> = {};
  cyclic.itself = cyclic;
  t.is((await failure(() => lapicque.hdf5Bytes(cyclic as never)))?.code, 'invalid-parameter');
  const plain = Object.assign(Object.create(null), { a: 1, group: new Map([['b', Float32Array.of(2)]]) });
  using file = await lapicque.openHdf5(await lapicque.hdf5Bytes(plain));
  t.deepEqual([...((await file.read('group/b')).values as Float32Array)], [2]);
});

test('tensors of NIR have numbers that are there', async (t) => {
  for (const values of [detached(new Float32Array(4)), [1n], [Symbol('x')], 'abc', undefined])
    t.is((await failure(() => lapicque.nirTensor(values as never, [1])))?.code, 'invalid-parameter');
  t.deepEqual([...(lapicque.nirTensor([1, 2], [2]).data as Float64Array)], [1, 2]);
});

test('a figure refuses a description that cannot be drawn, with the path of what is wrong', async (t) => {
  const { Figure } = lapicque.figure;
  const panel = () => ({
    x: { label: 'x' },
    y: { label: 'y' },
    marks: [{ type: 'line', x: [1, 2], y: [1, 2] }],
  });
  const spec = () =>
    ({ name: 'a', title: 'A', caption: 'b', columns: [[panel()]] }) as never as Record<string, never>;
  t.regex(await new Figure(spec() as never).svg(), /^<svg/);
  const values = [undefined, null, 3, 'x', Symbol('x'), 1n, [null], [[3]], [[{}]], {}];
  for (const value of values.slice(0, 7)) {
    t.is((await failure(() => new Figure(value as never)))?.code, 'invalid-parameter');
    for (const key of ['columns', 'title'] as const) {
      if (key === 'title' && value === 'x') continue;
      const error = await failure(() => new Figure({ ...spec(), [key]: value } as never));
      t.is(error?.code, 'invalid-parameter', `${key} ${String(value)}`);
      t.true(error!.message.startsWith(key), error!.message);
    }
  }
  for (const [key, value] of [
    ['x', null],
    ['y', 3],
    ['marks', {}],
    ['marks', [null]],
    ['marks', [{ type: 'line', x: [1] }]],
    ['marks', [{ type: 'line', x: 'ab', y: 'ab' }]],
    ['legend', [3]],
    ['notes', [{}]],
    ['x', { label: 3 }],
    ['x', { label: 'x', domain: [0, '1'] }],
    ['x', { label: 'x', ticks: [Symbol('x')] }],
  ] as const) {
    const damaged = { ...spec(), columns: [[{ ...panel(), [key]: value }]] };
    const error = await failure(() => new Figure(damaged as never));
    t.is(error?.code, 'invalid-parameter', `${key} ${String(value)}`);
    t.true(error!.message.startsWith(`columns[0][0].${key}`), error!.message);
    // As is one that was damaged after it was made.
    const changed = new Figure(spec() as never);
    (changed.spec.columns as unknown[]).splice(0, 1, damaged.columns[0]);
    t.is((await failure(() => changed.svg()))?.code, 'invalid-parameter');
  }
  const unknown = { ...spec(), columns: [[{ ...panel(), marks: [{ type: 'lines' }] }]] };
  t.is((await failure(() => new Figure(unknown as never)))?.code, 'unknown-name');
});

test('an integer network loads, and goes to C, without what its file may leave out', async (t) => {
  const x = Float32Array.from({ length: 60 }, (_, i) => i % 2);
  using model = await lapicque
    .sequential(
      lapicque.dense(3, 4),
      lapicque.lif({ beta: 0.9 }),
      lapicque.dense(4, 2),
      lapicque.lif({ beta: 0.9 }),
    )
    .compile({ seed: 1 });
  const { network } = await lapicque.quantize(model, {
    target: 'loihi',
    calibration: { x, shape: [10, 2, 3] },
  });
  const before = network.toC();
  const description = structuredClone(network.description) as unknown as {
    layers: Record<string, unknown>[];
  };
  for (const layer of description.layers) delete layer.aliases;
  Object.defineProperty(network, 'description', { value: description });
  using loaded = await lapicque.IntegerNetwork.load(await network.toBytes());
  t.deepEqual(loaded.toC(), before);
  t.deepEqual(loaded.description.layers[0]!.aliases, []);
});

test('a misspelled key of an input or of events is refused with the right one', async (t) => {
  using model = await lapicque
    .sequential(lapicque.dense(3, 2), lapicque.lif({ beta: 0.9 }))
    .compile({ seed: 1 });
  const [x, y] = [new Float32Array(12), Uint8Array.of(0, 1)];
  const batch = { x, shape: [2, 2, 3], y };
  const options = { loss: lapicque.loss.crossEntropyCount(), optimizer: lapicque.adam() };
  for (const [key, meant] of [
    ['lenghts', 'lengths'],
    ['length', 'lengths'],
    ['yshape', 'yShape'],
    ['y_shape', 'yShape'],
  ] as const) {
    const wrong = { ...batch, [key]: Uint8Array.of(1, 2) };
    for (const call of [
      () => model.trainStep(wrong, options),
      () => model.run(wrong),
      () => model.predict(wrong),
    ]) {
      const error = await failure(call);
      t.like(error, { code: 'unknown-name', didYouMean: meant }, error?.message);
    }
  }
  // Data of the caller's own.
  await model.trainStep({ ...batch, file: 'a.png', weights: [1] } as never, options);
  const events = {
    t: new Float64Array(1),
    x: new Uint16Array(1),
    y: new Uint16Array(1),
    polarity: new Uint8Array(1),
  };
  const wrong = { ...events, trigers: {} } as never;
  const [sensor, format] = [{ width: 2, height: 2 }, 'csv' as const];
  for (const call of [
    () => lapicque.transformEvents(wrong, [], { sensor }).collect(),
    () => lapicque.eventsToBytes(wrong, { format }),
  ])
    t.like(await failure(call), { code: 'unknown-name', didYouMean: 'triggers' });
});

test('a time step has an upper limit wherever one is given', async (t) => {
  const chain = lapicque.sequential(lapicque.dense(3, 2), lapicque.lif({ beta: 0.9 }));
  const network = lapicque.circuit(lapicque.population(lapicque.iafPscExp, 1, { name: 'E' }));
  for (const dt of [1e308, 1_000_001, 0, -1, Number.NaN, Number.POSITIVE_INFINITY])
    for (const call of [
      () => chain.compile({ dt }),
      () => network.compile({ dt }),
      () => lapicque.simulate(network, { dt, duration: 1 }),
      () => lapicque.spikeTimes(lapicque.izhikevich(), { dt, duration: 1, current: 0 }),
    ]) {
      const error = await failure(call as () => unknown);
      t.is(error?.code, 'invalid-parameter', `${dt}`);
      t.regex(error!.message, /dt: expected a finite number/);
    }
  (await chain.compile({ dt: 1e6 })).dispose();
});
