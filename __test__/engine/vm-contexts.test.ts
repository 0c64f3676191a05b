// The library in a context of its own, as Jest and Vitest's `vmThreads` load it: arrays that the addon makes are of the context that
// Node began with, those of the program and of the library of the other.
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { createContext, runInContext } from 'node:vm';
import test from 'ava';

const file = resolve('dist/index.cjs');

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
  const wrapped = runInContext(
    `(function (exports, require, module, __filename, __dirname) {${await readFile(file, 'utf8')}\n})`,
    context,
  );
  const module = { exports: {} };
  wrapped(module.exports, createRequire(file), module, file, dirname(file));
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
  t.deepEqual([...(await program(module.exports, join(folder, 'model.safetensors')))], [true, true]);
});
