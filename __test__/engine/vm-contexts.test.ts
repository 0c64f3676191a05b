// The library in a context of its own, as Jest and Vitest's `vmThreads` load it: arrays that the addon makes are of the context that
// Node began with, those of the program and of the library of the other.
import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { createContext, runInContext } from 'node:vm';
import test from 'ava';

/** Node's own, which Jest lends to its contexts too. */
const lent = {
  AbortController,
  AbortSignal,
  URL,
  clearTimeout,
  console,
  performance,
  process,
  setImmediate,
  setTimeout,
};

test('what the addon makes is taken back', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'lapicque-'));
  t.teardown(() => rm(folder, { recursive: true }));
  const context = createContext({ ...lent });
  const loaded = new Map<string, { exports: object }>();
  /** A module of the library and those that it requires, all in the context; Node's own are those of Node. */
  const load = (path: string): object => {
    const before = loaded.get(path);
    if (before !== undefined) return before.exports;
    const module = { exports: {} };
    loaded.set(path, module);
    const require = createRequire(path);
    const text = readFileSync(path, 'utf8');
    const wrapped = runInContext(
      `(function (exports, require, module, __filename, __dirname) {${text}\n})`,
      context,
    );
    const inside = (name: string) => (name.startsWith('.') ? load(require.resolve(name)) : require(name));
    wrapped(module.exports, inside, module, path, dirname(path));
    return module.exports;
  };
  const exported = Object.assign(
    {},
    ...['index', 'data', 'neurons'].map((door) => load(resolve(`dist/${door}.cjs`))),
  );
  const program = runInContext(
    `(async function (m, path) {
      const data = (n) => new m.DataLoader({ x: new Float32Array(n * 3).fill(1), y: new Uint32Array(n), shape: [n, 3] }, { batchSize: 4 });
      const model = await m.sequential(m.dense(3, 4), m.lif({ beta: 0.9 }), m.dense(4, 2), m.lif({ beta: 0.9 })).compile();
      const { v, state } = await model.run({ x: new Float32Array(6).fill(1), shape: [2, 1, 3] });
      const other = !(v instanceof Float32Array);
      await model.run({ x: v.slice(0, 3), shape: [1, 1, 3] });
      await model.run({ x: new Float32Array(6), shape: [2, 1, 3] }, { state: m.ModelState.fromArrays(state.toArrays()) });
      await model.setWeights(await model.weights());
      const loss = m.loss.crossEntropyCount();
      await model.fit(data(8), { steps: 3, epochs: 2, loss, earlyStopping: {}, checkpoint: { path: path + '.checkpoint' } });
      const pass = await model.forward({ x: new Float32Array(6).fill(1), shape: [2, 1, 3] });
      await pass.backward({ v: pass.v });
      await model.step(m.adam());
      const session = await model.session();
      session.push(session.push(new Float32Array(3).fill(1)).slice(0, 1));
      session.membrane(session.membrane());
      await model.save(path);
      const loaded = await m.Model.load(path);
      return [other, (await loaded.weightsSha256()) === (await model.weightsSha256())];
    })`,
    context,
  );
  t.deepEqual([...(await program(exported, join(folder, 'model.safetensors')))], [true, true]);
});
