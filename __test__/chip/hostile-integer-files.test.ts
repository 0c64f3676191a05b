// Files of integer networks from strangers: damaged bytes, damaged contents under right checksums, damaged NIR files. Each is read or refused with a typed
// error, soon and in little memory; what is read runs. LAPICQUE_LONG_TESTS=1 makes 10,000 changes.
import test from 'ava';
import { run } from '../support/process.ts';

const support = (name: string) => JSON.stringify(new URL(`../support/${name}.js`, import.meta.url).href);

const count = process.env.LAPICQUE_LONG_TESTS === '1' ? 10_000 : 240;

interface Damage {
  readonly bytes: number;
  readonly refused: number;
  readonly ran: number;
  /** What is no error of the library, or none of those that files are refused with. */
  readonly wrong: readonly string[];
  /** ms of processor time. */
  readonly slowest: number;
  readonly grown: number;
}

/** Networks of all kinds of layers and pools, and what damages their files. In a process of its own, of which the memory is that of this alone. */
const setting = `
  import { peak } from ${support('loaders')};
  import { mutated } from ${support('file-bytes')};
  import { random } from ${support('numbers')};
  const { IntegerNetwork, integerNetwork, nirBytes, readNirIntegerNetwork, readTensors, tensorBytes } = lapicque;
  const next = random(34);
  const weights = (n) => Int8Array.from({ length: n }, () => Math.floor(255 * next()) - 127);
  const convolution = { kind: 'conv', kernel: [3, 3], stride: [1, 1], padding: [1, 1] };
  const image = (pooling) => integerNetwork({
    target: 'int8',
    input: { size: 2 * 6 * 6, shape: [2, 6, 6], maxCount: 5, signed: false },
    layers: [
      { name: 'conv', neurons: 3 * 6 * 6, shape: [3, 6, 6], threshold: 300, vDecay: 30000,
        connections: [{ from: 'input', weights: weights(54), projection: convolution }] },
      { name: 'deep', neurons: 4 * 3 * 3, shape: [4, 3, 3], threshold: 200, vDecay: 30000,
        connections: [{ from: 'conv', weights: weights(108), projection: { ...convolution, pool: 2, pooling } }] },
      { name: 'out', neurons: 3, rules: { spiking: false }, vDecay: 30000,
        connections: [{ from: 'deep', weights: weights(108) }] },
    ],
  });
  const recurrent = () => integerNetwork({
    target: 'xylo', input: 6,
    layers: [
      { name: 'hidden', neurons: 7, rules: { currents: 2 }, threshold: 90, vDecay: 4, currentDecay: 3, aliases: [[0, 4]],
        connections: [{ from: 'input', weights: weights(42), shift: 2 }, { from: 'hidden', weights: weights(49), current: 1 }] },
      { name: 'out', neurons: 2, threshold: 50, vDecay: 4, currentDecay: 3, connections: [{ from: 'hidden', weights: weights(14) }] },
    ],
  });
  const refusals = ['malformed-file', 'unsupported', 'too-large', 'invalid-parameter', 'shape-mismatch', 'unknown-name'];
  async function damage(count, files, load) {
    for (const { whole } of files) (await load(whole)).dispose();
    const before = peak();
    const wrong = [];
    let [refused, ran, slowest] = [0, 0, 0];
    for (let i = 0; i < count; i++) {
      if (i % 100 === 0) gc();
      const damaged = await files[i % files.length].damaged();
      const began = process.cpuUsage();
      let network, error;
      try {
        network = await load(damaged);
        const { size } = network.description.input;
        await network.run({ x: new Uint8Array(2 * size).fill(1), shape: [2, 1, size] });
      } catch (caught) {
        error = caught;
      }
      network?.dispose();
      const { user, system } = process.cpuUsage(began);
      slowest = Math.max(slowest, (user + system) / 1000);
      if (network !== undefined) ran += 1;
      if (error === undefined) continue;
      refused += 1;
      if (network !== undefined || !refusals.includes(error.code)) wrong.push(i + ': ' + error.stack);
    }
    const bytes = Math.max(...files.map(({ whole }) => whole.length));
    console.log(JSON.stringify({ bytes, refused, ran, wrong, slowest, grown: peak() - before }));
  }
`;

const damages: Readonly<Record<string, { share: number; script: string }>> = {
  'bytes of the file': {
    share: 0.3,
    script: `
      const files = [];
      for (const network of [await image('max'), await recurrent()]) {
        const whole = await network.toBytes();
        files.push({ whole, damaged: () => mutated(whole, next) });
      }
    `,
  },
  // Somebody who writes the checksums, too.
  'contents under right checksums': {
    share: 0.5,
    script: `
      const files = [];
      for (const network of [await image('max-total'), await recurrent(), await image('max')]) {
        const whole = await network.toBytes();
        const { tensors, metadata } = await readTensors(whole);
        const text = metadata.get('integerNetwork');
        const damaged = async () => {
          for (;;) {
            try {
              const changed = new Map(tensors);
              let description = text;
              if (next() < 0.7) description = mutated(Buffer.from(text), next).toString('utf8');
              else {
                const names = [...tensors.keys()];
                const name = names[Math.floor(next() * names.length)];
                const tensor = tensors.get(name);
                const data = tensor.data.slice();
                const kind = Math.floor(4 * next());
                if (kind === 0) changed.delete(name);
                else if (kind === 1) data[Math.floor(next() * data.length)] = Math.floor(2 ** 32 * next()) - 2 ** 31;
                else if (kind === 2) data.fill(next() < 0.5 ? 2 ** 31 - 1 : -(2 ** 31));
                if (kind === 3) changed.set(name, { shape: [data.length - 1], data: data.slice(1) });
                else if (kind > 0) changed.set(name, { shape: tensor.shape, data });
              }
              return await tensorBytes(changed, { metadata: { integerNetwork: description } });
            } catch (error) {
              // A tensor or a text that cannot be written.
              if (error.code === undefined) throw error;
            }
          }
        };
        files.push({ whole, damaged });
      }
    `,
  },
  'bytes of a NIR file': {
    share: 0.2,
    script: `
      const files = [];
      for (const network of [await integerNetwork({
        target: 'int8', input: 5,
        layers: [{ name: 'a', neurons: 4, threshold: 90, vDecay: 30000, connections: [{ from: 'input', weights: weights(20) }] }],
      }), await image('sum')]) {
        const whole = await nirBytes(network, { lossy: true });
        files.push({ whole, damaged: () => mutated(whole, next) });
      }
    `,
  },
};

for (const [what, { share, script }] of Object.entries(damages)) {
  const some = Math.ceil(share * count);
  test.serial(
    `files of integer networks with ${what} changed in ${some} ways are read or refused`,
    async (t) => {
      t.timeout(1_800_000);
      const load = what.includes('NIR') ? 'readNirIntegerNetwork' : 'IntegerNetwork.load';
      const loading = `${setting}${script}await damage(${some}, files, (bytes) => ${load}(bytes));`;
      const { bytes, refused, ran, wrong, slowest, grown } = await run<Damage>(loading, {}, 1_800_000);
      t.log(
        `${refused} refused, ${ran} ran, the slowest ${slowest.toFixed(0)} ms of processor time, ${grown.toFixed(0)} MiB`,
      );
      t.deepEqual(wrong, []);
      t.is(refused + ran, some);
      t.true(refused > some / 10, `${refused} refused`);
      t.true(slowest < 1000, `${slowest} ms`);
      t.true(grown < 64 + (4 * bytes) / 2 ** 20, `${grown} MiB`);
    },
  );
}
