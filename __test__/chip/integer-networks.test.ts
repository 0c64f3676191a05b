/** Integer networks from tables: runs, sessions, files, C, and what is refused. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import {
  IntegerNetwork,
  type IntegerNetworkSpec,
  type IntegerRules,
  integerNetwork,
} from '../../src-ts/doors/chip.ts';
import { readTensors, tensorBytes } from '../../src-ts/doors/files.ts';
import { LapicqueError } from '../../src-ts/index.ts';

/** Whole numbers from a seed. */
function draws(seed: number) {
  let state = BigInt(seed) + 1n;
  return (low: number, high: number) => {
    state = (state * 6364136223846793005n + 1442695040888963407n) % 2n ** 64n;
    return low + Number((state >> 33n) % BigInt(high - low + 1));
  };
}

const weights = (draw: (low: number, high: number) => number, n: number, most = 60) =>
  Int8Array.from({ length: n }, () => draw(-most, most));

/** The rule of a decay by multiplication that rounds to the nearest. */
const multiplier = (rounding: 'floor' | 'nearest' | 'toward-zero') =>
  ({ kind: 'multiplier', fractionBits: 12, rounding }) as const;

/** Networks whose rules differ, with the counts that they get. */
const networks: Record<
  string,
  (seed: number) => { spec: IntegerNetworkSpec; largest: number; lowest: number }
> = {
  xylo: (seed) => {
    const draw = draws(seed);
    const [inputs, n, outputs] = [5, 9, 3];
    return {
      lowest: 0,
      largest: 19,
      spec: {
        target: 'xylo',
        input: inputs,
        layers: [
          {
            name: 'hidden',
            neurons: n,
            rules: { currents: 2 },
            threshold: Int32Array.from({ length: n }, () => draw(20, 900)),
            vDecay: Int32Array.from({ length: n }, () => draw(1, 6)),
            currentDecay: Int32Array.from({ length: 2 * n }, () => draw(1, 5)),
            aliases: [
              [0, 4],
              [4, 2],
              [6, 8],
            ],
            connections: [
              { from: 'input', weights: weights(draw, inputs * n), shift: 2 },
              { from: 'input', weights: weights(draw, inputs * n), current: 1 },
              { from: 'hidden', weights: weights(draw, n * n, 30), shift: 1 },
            ],
          },
          {
            name: 'out',
            neurons: outputs,
            threshold: 300,
            vDecay: 3,
            currentDecay: 2,
            connections: [{ from: 'hidden', weights: weights(draw, n * outputs), shift: 1 }],
          },
        ],
      },
    };
  },
  int8: (seed) => {
    const draw = draws(seed);
    const rules: Partial<IntegerRules> = {
      currents: 1,
      vDecay: multiplier('floor'),
      currentDecay: multiplier('nearest'),
    };
    return {
      lowest: -9,
      largest: 9,
      spec: {
        target: 'int8',
        input: { size: 6, signed: true, maxCount: 7 },
        layers: [
          {
            name: 'lif.1',
            neurons: 8,
            rules,
            threshold: 400,
            vDecay: 3900,
            currentDecay: 2900,
            currentBias: Int32Array.from({ length: 8 }, () => draw(-9, 9)),
            bias: 3,
            vStart: 40,
            connections: [
              { from: 'input', weights: weights(draw, 48, 120) },
              { from: 'lif.1', weights: weights(draw, 64) },
            ],
          },
          {
            name: 'lif 1',
            neurons: 4,
            rules: { reset: 'value', compare: '>=' },
            threshold: Int32Array.of(90, 100, 110, 120),
            vReset: -20,
            vDecay: 31000,
            connections: [{ from: 'lif.1', weights: weights(draw, 32, 120), shift: 1 }],
          },
          {
            name: 'readout',
            neurons: 3,
            rules: { spiking: false, vDecay: multiplier('toward-zero') },
            vDecay: 3900,
            connections: [{ from: 'lif 1', weights: weights(draw, 12) }],
          },
        ],
      },
    };
  },
  images: (seed) => {
    const draw = draws(seed);
    return {
      lowest: 0,
      largest: 3,
      spec: {
        target: 'int8',
        input: { size: 2 * 5 * 6, shape: [2, 5, 6], maxCount: 3, signed: false },
        layers: [
          {
            name: 'conv',
            neurons: 3 * 3 * 3,
            shape: [3, 3, 3],
            threshold: 200,
            vDecay: 30000,
            connections: [
              {
                from: 'input',
                weights: weights(draw, 3 * 2 * 3 * 3, 120),
                projection: { kind: 'conv', kernel: [3, 3], stride: [2, 2], padding: [1, 1] },
              },
            ],
          },
          {
            name: 'out',
            neurons: 3,
            rules: { resetScale: 'beta-threshold', maxSpikes: 5 },
            threshold: 60,
            vDecay: 30000,
            connections: [
              { from: 'conv', weights: weights(draw, 9), projection: { kind: 'dense', pool: 2 } },
            ],
          },
        ],
      },
    };
  },
};

const steps = 60;

/** Layers behind max pools of an image of signed counts, and of the totals of spikes. */
networks.pools = (seed) => {
  const draw = draws(seed);
  const convolution = { kind: 'conv', kernel: [2, 2], stride: [1, 1], padding: [1, 1], pool: 2 } as const;
  return {
    lowest: -9,
    largest: 9,
    spec: {
      target: 'int8',
      input: { size: 2 * 5 * 7, shape: [2, 5, 7], maxCount: 6, signed: true },
      layers: [
        {
          name: 'conv',
          neurons: 3 * 3 * 4,
          shape: [3, 3, 4],
          rules: { maxSpikes: 3 },
          threshold: 100,
          vDecay: 30000,
          connections: [
            {
              from: 'input',
              weights: weights(draw, 3 * 2 * 2 * 2, 120),
              projection: { ...convolution, pooling: 'max' },
            },
          ],
        },
        {
          name: 'out',
          neurons: 3,
          threshold: 60,
          vDecay: 30000,
          connections: [
            {
              from: 'conv',
              weights: weights(draw, 3 * 3 * 2),
              projection: { kind: 'dense', pool: 2, pooling: 'max-total' },
            },
            {
              from: 'conv',
              weights: weights(draw, 3 * 3 * 2),
              delay: 1,
              projection: { kind: 'dense', pool: 2, pooling: 'max' },
            },
          ],
        },
      ],
    },
  };
};

async function made(kind: string, seed: number) {
  const { spec, lowest, largest } = networks[kind]!(seed);
  const draw = draws(seed + 100);
  const network = await integerNetwork(spec);
  const { size } = network.description.input;
  const input = Int16Array.from({ length: steps * size }, () =>
    draw(0, 2) === 0 ? draw(lowest, largest) : 0,
  );
  return { network, input, size };
}

for (const kind of Object.keys(networks)) {
  test(`C compiled by the machine's compiler gives the spikes and v of the session: ${kind}`, async (t) => {
    const compiler = (() => {
      try {
        execFileSync('cc', ['--version'], { stdio: 'ignore' });
        return true;
      } catch {
        return false;
      }
    })();
    if (!compiler) return t.pass('there is no cc');
    const { network, input, size } = await made(kind, 3);
    const directory = mkdtempSync(join(tmpdir(), 'lapicque-c-'));
    const { header, source } = network.toC({ name: 'net' });
    const out = network.description.layers.at(-1)!;
    const last = header.match(/state->(\w+)_v\./)![1]!;
    const spikes = out.rules.spiking ? `s.${last}_spikes[j]` : '0';
    const main = `#include "net.h"
#include <stdio.h>
static net_state s;
int main(void) {
    static const int16_t x[${steps}][${size}] = {${Array.from({ length: steps }, (_, step) => `{${input.subarray(step * size, (step + 1) * size).join(',')}}`).join(',\n')}};
    net_reset(&s);
    for (int i = 0; i < ${steps}; i++) {
        net_step(&s, x[i]);
        for (int j = 0; j < NET_OUTPUTS; j++) printf("%d %ld ", ${spikes}, (long)s.${last}_v[j]);
    }
    return 0;
}
`;
    writeFileSync(join(directory, 'net.h'), header);
    writeFileSync(join(directory, 'net.c'), source);
    writeFileSync(join(directory, 'main.c'), main);
    const flags = ['-std=c99', '-Wall', '-Wextra', '-Werror', '-pedantic', '-O1'];
    execFileSync('cc', [...flags, '-o', 'net', 'net.c', 'main.c'], { cwd: directory });
    const printed = execFileSync(join(directory, 'net'), { encoding: 'utf8' }).trim().split(' ').map(Number);
    const session = network.session();
    const expected: number[] = [];
    let fired = 0;
    for (let step = 0; step < steps; step++) {
      session.push(input.subarray(step * size, (step + 1) * size));
      const counts = session.counts();
      session.v().forEach((v, j) => {
        expected.push(counts[j]!, v);
        fired += counts[j]!;
      });
    }
    t.deepEqual(printed, expected);
    t.true(fired > 5 || !out.rules.spiking, `${fired} spikes`);
  });

  test(`a file gives the network back, and a run equals its sessions: ${kind}`, async (t) => {
    const { network, input, size } = await made(kind, 4);
    const bytes = await network.toBytes();
    const loaded = await IntegerNetwork.load(bytes);
    t.deepEqual(loaded.description, network.description);
    t.deepEqual(loaded.toTables(), network.toTables());
    const record = network.description.layers.map(({ name }) => `${name}.v`);
    const shape = [steps / 2, 2, size];
    const ran = await loaded.run({ x: input, shape }, { record });
    const session = network.session();
    const n = ran.shape[2];
    for (let sample = 0; sample < 2; sample++) {
      session.reset();
      for (let step = 0; step < steps / 2; step++) {
        const row = (2 * step + sample) * size;
        session.push(input.subarray(row, row + size));
        const at = (2 * step + sample) * n;
        t.deepEqual(session.v(), ran.v.slice(at, at + n));
        if (ran.spikes !== undefined) t.deepEqual(session.counts(), ran.spikes.slice(at, at + n));
      }
    }
    t.is(session.steps, steps / 2);
  });
}

test('what rules and tables cannot be is refused by name', async (t) => {
  const base: IntegerNetworkSpec = {
    target: 'int8',
    input: 2,
    layers: [
      {
        name: 'a',
        neurons: 2,
        threshold: 5,
        vDecay: 9,
        connections: [{ from: 'input', weights: new Int8Array(4) }],
      },
    ],
  };
  const layer = base.layers[0]!;
  const wrong: [IntegerNetworkSpec, string, RegExp][] = [
    [{ ...base, target: 'int7' as never }, 'unknown-name', /int7/],
    [{ ...base, layers: [{ ...layer, threshold: 0 }] }, 'invalid-parameter', /a\.threshold\[0\].*1 to/],
    [{ ...base, layers: [{ ...layer, rules: { vBits: 25 } }] }, 'invalid-parameter', /a\.vBits.*8 to 24/],
    [{ ...base, layers: [{ ...layer, vDecay: 32769 }] }, 'invalid-parameter', /a\.vDecay\[0\]/],
    [
      {
        ...base,
        layers: [
          {
            ...layer,
            rules: { weightBits: 4 },
            connections: [{ from: 'input', weights: Int8Array.of(0, 0, 9, 0) }],
          },
        ],
      },
      'invalid-parameter',
      /weights\[2\].*-8 to 7/,
    ],
    [
      { ...base, layers: [{ ...layer, connections: [{ from: 'b', weights: new Int8Array(4) }] }] },
      'unknown-name',
      /"b"/,
    ],
    [
      { ...base, layers: [{ ...layer, connections: [{ from: 'input', weights: new Int8Array(5) }] }] },
      'shape-mismatch',
      /weights/,
    ],
    [
      { ...base, layers: [{ ...layer, connections: [{ from: 'a', delay: 0, weights: new Int8Array(4) }] }] },
      'invalid-parameter',
      /delay/,
    ],
    [{ ...base, layers: [{ ...layer, aliases: [[0, 2]] }] }, 'invalid-parameter', /aliases\[0\]/],
    [
      { ...base, layers: [{ ...layer, rules: { maxSpikes: 3, reset: 'value' } }] },
      'invalid-parameter',
      /reset/,
    ],
  ];
  for (const [spec, code, message] of wrong) {
    const error = await t.throwsAsync(integerNetwork(spec), { instanceOf: LapicqueError, message });
    t.is((error as LapicqueError).code, code as never, error!.message);
  }
  using network = await integerNetwork(base);
  using session = network.session();
  t.throws(() => session.push(Uint32Array.of(1, 0)), { code: 'invalid-parameter' });
  t.throws(() => session.push(Uint32Array.of(2)), { code: 'invalid-parameter' });
  t.throws(() => session.push(new Uint8Array(3)), { code: 'shape-mismatch' });
  t.throws(() => session.counts('b'), { code: 'unknown-name' });
  t.throws(() => network.toC({ name: 'int' }), { code: 'invalid-parameter' });
  await t.throwsAsync(network.run({ x: new Uint8Array(3), shape: [1, 1, 3] }), { code: 'shape-mismatch' });
});

test('files that are damaged or changed are refused', async (t) => {
  const { network } = await made('int8', 1);
  const bytes = await network.toBytes();
  const draw = draws(9);
  const mutations = process.env.LAPICQUE_LONG_TESTS ? 10_000 : 150;
  for (let i = 0; i < mutations; i++) {
    const damaged = bytes.slice(0, draw(0, 3) === 0 ? draw(0, bytes.length) : bytes.length);
    for (let flips = draw(1, 3); flips > 0 && damaged.length > 0; flips--)
      damaged[draw(0, damaged.length - 1)]! ^= 1 << draw(0, 7);
    const error = await t.throwsAsync(IntegerNetwork.load(damaged), { instanceOf: LapicqueError });
    if (!['malformed-file', 'unsupported', 'too-large'].includes((error as LapicqueError).code))
      t.fail(error!.message);
  }
  // Somebody who writes the checksums, too.
  const { tensors, metadata } = await readTensors(bytes);
  const text = metadata.get('integerNetwork')!;
  const changes: [string, string][] = [
    [text.replace('"neurons":8', '"neurons":80000000000'), 'too many neurons'],
    [text.replace('"vBits":16', '"vBits":60'), 'too many bits'],
    [text.replace('"from":"input"', '"from":"nobody"'), 'an unknown source'],
    [text.replace('"shift":0', '"shift":40'), 'a shift'],
    [text.replace('"shift":0', '"shift":"x"'), 'text'],
    ['[]', 'no description'],
    ['{"input":{},"layers":[{"name":"__proto__","connections":[]}]}', 'a strange name'],
  ];
  for (const [description, what] of changes) {
    const changed = await tensorBytes(tensors, { metadata: { integerNetwork: description } });
    const error = await t.throwsAsync(IntegerNetwork.load(changed), { instanceOf: LapicqueError }, what);
    t.true(['malformed-file', 'too-large'].includes((error as LapicqueError).code), error!.message);
  }
});
