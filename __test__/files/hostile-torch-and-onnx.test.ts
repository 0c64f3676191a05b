// Torch and ONNX files of strangers: damaged in many ways, or made to take what nobody has. Each is read or refused with an error of the
// library, within a second and little memory. The suite tries some changes of each file; LAPICQUE_LONG_TESTS=1 all 10,000.
import test from 'ava';
import { readTensors } from '../../src-ts/doors/files.ts';
import {
  type attackedAll,
  attacks,
  type Damage,
  dictionary,
  protobufs,
  torch,
  view,
} from '../support/hostile-models.ts';
import { run } from '../support/process.ts';

const changes = process.env.LAPICQUE_LONG_TESTS === '1' ? 10_000 : 400;
const MiB = 2 ** 20;
const support = JSON.stringify(new URL('../support/hostile-models.js', import.meta.url).href);

test.serial(`files with bytes changed in ${changes} ways are read or refused`, async (t) => {
  t.timeout(900_000);
  const script = `
    import { damagedAll } from ${support};
    console.log(JSON.stringify(await damagedAll(${changes})));
  `;
  const all: Damage[] = await run(script, {}, 900_000);
  t.is(all.length, 7);
  for (const { name, bytes, refused, wrong, slowest, grown } of all) {
    t.log(
      `${name}: ${refused} of ${changes} refused, ${slowest.toFixed(0)} ms at most, ${grown.toFixed(0)} MiB`,
    );
    t.deepEqual(wrong, [], name);
    t.true(refused > changes / 10, `${name}: ${refused} refused`);
    t.true(slowest < 1000, `${name}: ${slowest} ms`);
    t.true(grown < 64 + (4 * bytes) / MiB, `${name}: ${grown} MiB`);
  }
});

test.serial('hostile files are refused by name, within the limit of a loader', async (t) => {
  const all: Awaited<ReturnType<typeof attackedAll>> = await run(`
    import { attackedAll } from ${support};
    console.log(JSON.stringify(await attackedAll()));
  `);
  t.is(all.length, Object.keys(attacks).length + Object.keys(protobufs).length);
  for (const { name, bytes, code, message, grown } of all) {
    const what = name.slice(name.indexOf(': ') + 2);
    const [, expected, pattern] = (name.startsWith('torch') ? attacks[what] : protobufs[what])!;
    t.is(code, expected, `${name}: ${message}`);
    t.regex(message, pattern, name);
    // What a loader may take by default, what the process itself took, and the file.
    t.true(grown < 256 + 64 + (4 * bytes) / MiB, `${name}: ${grown} MiB`);
  }
});

test('an honest pickle of this form is read', async (t) => {
  const { tensors } = await readTensors(torch(dictionary(...view([2n, 3n], [3n, 1n]))));
  t.deepEqual(tensors.get('w')!.shape, [2, 3]);
  t.is(tensors.get('w')!.data.length, 6);
});
