// A process that dies while it saves leaves the old file or the new one, never a broken one.
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { loadCheckpoint } from '../../src-ts/index.ts';
import { random } from '../support/numbers.ts';
import { ended, start } from '../support/process.ts';

let folder: string;
test.before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lapicque-crash-'));
});
test.after.always(() => rm(folder, { recursive: true, force: true }));

/** Says when its second epoch has begun, and does `then` a moment later. */
const script = (path: string, then = '') => `
const network = sequential(dense(64, 1500), lif({ beta: 0.9 }), dense(1500, 4), li({ beta: 0.9 }));
const model = await network.compile({ seed: 1 });
const data = new lapicque.DataLoader(
  { x: new Float32Array(4 * 64).fill(0.5), y: Uint8Array.of(0, 1, 2, 3), shape: [4, 64] },
  { batchSize: 1, shuffle: true },
);
const checkpoint = { path: ${JSON.stringify(path)}, everyBatches: 1 };
let told = false;
const onBatch = ({ epoch }) => {
  if (epoch === 2 && !told) {
    told = true;
    console.log('saving');
    setTimeout(() => { ${then} }, 50);
  }
};
await model.fit(data, { loss: loss.crossEntropyMeanMembrane(), steps: 2, epochs: 1e6, checkpoint, callbacks: { onBatch } });
`;

test.serial('killed at a random moment of a training that saves all the time', async (t) => {
  const next = random(1);
  const seen = new Set<number>();
  // A loaded machine makes few steps between two moments: it is killed more often.
  let kills = 0;
  while (kills < 20 || (seen.size <= 3 && kills < 60)) {
    kills += 1;
    const path = join(folder, 'checkpoint.safetensors');
    const child = await start(script(path));
    await new Promise((resolve) => setTimeout(resolve, 60 * next()));
    child.kill('SIGKILL');
    t.is(await ended(child), 'SIGKILL');
    const { model, training } = await loadCheckpoint(path);
    t.is(model.updates, 4 * training!.epoch + training!.batch);
    t.true(model.updates >= 4);
    seen.add(model.updates);
    model.dispose();
  }
  t.true(seen.size > 3, `always killed at the same place: ${[...seen]}`);
  const left = await readdir(folder);
  t.true(left.length <= kills + 1, 'at most one abandoned file a kill');
});

test.serial(
  'an uncaught error and process.exit in the middle of training end the process with their code',
  async (t) => {
    const path = join(folder, 'exit.safetensors');
    for (const end of ['process.exit(7)', 'throw new Error("on purpose")']) {
      const handler = "process.on('uncaughtException', () => process.exit(7));";
      const child = await start(`${handler}\n${script(path, end)}`);
      t.is(await ended(child), 7);
      const { model } = await loadCheckpoint(path);
      model.dispose();
    }
  },
);
