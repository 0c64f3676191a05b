// Writers of one path that know nothing of each other: in containers, which share a folder, every process has the same number.
import { mkdtemp, readdir, readFile, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { circuit, population } from '../../src-ts/doors/circuit.ts';
import { DataLoader } from '../../src-ts/doors/data.ts';
import { writeReport } from '../../src-ts/doors/figure.ts';
import { readTensors, writeTensors } from '../../src-ts/doors/files.ts';
import { izhikevich, li, lif } from '../../src-ts/doors/neurons.ts';
import { dense, loss, Model, sequential } from '../../src-ts/index.ts';
import { run } from '../support/process.ts';

const folder = mkdtemp(join(tmpdir(), 'lapicque-atomic-'));
test.after.always(async () => rm(await folder, { recursive: true, force: true }));

const layers = sequential(dense(3, 4), lif({ beta: 0.9 }), dense(4, 2), li({ beta: 0.8 }));

/** All that writes a file of this name. */
const writers: Record<string, [name: string, (into: string) => Promise<unknown>]> = {
  model: [
    'model.safetensors',
    async (into) => {
      using model = await layers.compile();
      await model.save(join(into, 'model.safetensors'));
    },
  ],
  checkpoint: [
    'checkpoint.safetensors',
    async (into) => {
      using model = await layers.compile();
      const data = new DataLoader(
        { x: new Float32Array(6).fill(1), y: Uint8Array.of(0, 1), shape: [2, 3] },
        { batchSize: 1 },
      );
      const checkpoint = { path: join(into, 'checkpoint.safetensors'), everyBatches: 1 };
      await model.fit(data, { loss: loss.crossEntropyMembrane(), steps: 2, epochs: 2, checkpoint });
    },
  ],
  network: [
    'network.safetensors',
    (into) => circuit(population(izhikevich, 3, { name: 'E' })).save(join(into, 'network.safetensors')),
  ],
  state: [
    'state.safetensors',
    async (into) => {
      using simulation = await circuit(population(izhikevich, 3, { name: 'E' })).compile({ dt: 1 });
      await simulation.saveFile(join(into, 'state.safetensors'));
    },
  ],
  recording: ['spikes.npz', (into) => writeTensors(join(into, 'spikes.npz'), { times: Float64Array.of(1) })],
  array: ['spikes.npy', (into) => writeTensors(join(into, 'spikes.npy'), { times: Float64Array.of(1) })],
  report: [
    'report.html',
    (into) => writeReport(into, { title: 'report', history: { loss: [1, 0.5] } }, { formats: ['html'] }),
  ],
};

for (const [what, [name, write]] of Object.entries(writers)) {
  test(`what others have left beside a ${what} is in nobody's way and stays`, async (t) => {
    const into = await mkdtemp(join(await folder, 'left-'));
    // A process of the same number that was killed, long ago, and at any count.
    const left = Array.from({ length: 200 }, (_, count) => `.${name}.${process.pid}-${count}.tmp`);
    left.push(`.${name}.0123456789abcdef.tmp`, `.${name}.tmp`, `${name}.tmp`);
    const longAgo = new Date(Date.now() - 86_400_000);
    for (const file of left) {
      await writeFile(join(into, file), 'theirs');
      await utimes(join(into, file), longAgo, longAgo);
    }
    await write(into);
    await write(into);
    for (const file of left) t.is(await readFile(join(into, file), 'utf8'), 'theirs', file);
    t.deepEqual((await readdir(into)).sort(), [...left, name].sort());
  });
}

test.serial('processes that write one file at the same time leave the whole of one of them', async (t) => {
  const path = join(await folder, 'together.safetensors');
  const script = (seed: number) => `
    const model = await sequential(dense(64, 500), lif({ beta: 0.9 })).compile({ seed: ${seed} });
    for (let i = 0; i < 15; i++) await model.save(${JSON.stringify(path)});
    console.log(JSON.stringify(await model.weightsSha256()));
  `;
  const hashes = await Promise.all([1, 2, 3].map((seed) => run<string>(script(seed))));
  using model = await Model.load(path);
  t.true(hashes.includes(await model.weightsSha256()));
  t.deepEqual(
    (await readdir(await folder)).filter((name) => name.includes('together')),
    ['together.safetensors'],
  );
});

test('writers of one process at the same time, too', async (t) => {
  const into = await mkdtemp(join(await folder, 'same-'));
  const path = join(into, 'spikes.safetensors');
  await Promise.all(
    Array.from({ length: 40 }, (_, i) => writeTensors(path, { x: new Float64Array(1000).fill(i) })),
  );
  const x = (await readTensors(path)).tensors.get('x')!.data;
  t.true(x.length === 1000 && (x as Float64Array).every((value) => value === x[0]));
  t.deepEqual(await readdir(into), ['spikes.safetensors']);
});
