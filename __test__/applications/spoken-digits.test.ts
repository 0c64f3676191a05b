import test from 'ava';
import { readTensors } from 'lapicque/files';
import { runApplication, supportModule } from '../support/application-program.js';

test('a short training reads most digits, and more of them the more of a word it has heard', async (t) => {
  const { figures } = await runApplication('spoken-digits');
  const mean = (name: string): number => figures[name]!.mean;
  t.true(mean('known speakers') > 62);
  t.true(mean('known speakers, streamed') > 40);
  t.true(mean('known speakers, 25 % of the word') < mean('known speakers, 75 % of the word'));
});

// Of baseline.py of the fixture, in SciPy: 1,378.4 ± 370.9 events per recording of the test file.
test('the cochlea sends as many events as the one of the fixture', async (t) => {
  const { cochleaSteps } = await supportModule('cochlea');
  const { tensors } = await readTensors('examples/applications/data/spoken-digits/test.npz');
  const audio = tensors.get('audio')!.data as Uint8Array;
  const offsets = tensors.get('offsets')!.data as Int32Array;
  const events = Array.from({ length: offsets.length - 1 }, (_, i) => {
    const sound = Float64Array.from(audio.subarray(offsets[i]!, offsets[i + 1]!), (byte) => {
      const y = (2 * byte) / 255 - 1;
      return (Math.sign(y) * (256 ** Math.abs(y) - 1)) / 255;
    });
    const { counts } = cochleaSteps!(sound) as { counts: Uint8Array };
    return counts.reduce((sum, count) => sum + count, 0);
  });
  const average = events.reduce((sum, count) => sum + count, 0) / events.length;
  const squares = events.reduce((sum, count) => sum + (count - average) ** 2, 0) / events.length;
  t.true(Math.abs(average - 1378.4) < 1, `${average}`);
  t.true(Math.abs(Math.sqrt(squares) - 370.9) < 1, `${Math.sqrt(squares)}`);
});

test('a stream gives the answer of the whole word', async (t) => {
  const words = await supportModule('digit-words');
  const { channels } = (await supportModule('cochlea')) as unknown as { channels: number };
  const { tail } = words as unknown as { tail: number };
  const { WordStream } = words as unknown as {
    WordStream: {
      open(model: unknown): Promise<{ push(counts: Uint8Array): number; reset(): void; close(): void }>;
    };
  };
  const model = (await words['wordNetwork']!(3)) as { dispose(): void };
  const stream = await WordStream.open(model);
  const list = [1, 2, 3].map((word) => ({
    counts: Uint8Array.from({ length: 30 * channels }, (_, i) => Number((i * 7919 * word) % 97 < 9)),
    label: 0,
  }));
  const whole = (await words['answers']!(model, list)) as number[][];
  list.forEach(({ counts }, i) => {
    stream.reset();
    let digit = -1;
    for (let step = 0; step < 30 + tail; step++) {
      const now = counts.slice(step * channels, (step + 1) * channels);
      digit = stream.push(now.length > 0 ? now : new Uint8Array(channels));
    }
    t.is(digit, whole[i]![0]!);
  });
  stream.close();
  model.dispose();
});

test('a WAV file gives its samples, and another format a message', async (t) => {
  const { readWav } = await supportModule('sound-stream');
  const wav = Buffer.alloc(48);
  wav.write('RIFF', 0, 'latin1');
  wav.write('WAVEfmt ', 8, 'latin1');
  wav.writeUInt32LE(16, 16);
  wav.writeUInt16LE(1, 20);
  wav.writeUInt16LE(1, 22);
  wav.writeUInt32LE(8000, 24);
  wav.writeUInt16LE(16, 34);
  wav.write('data', 36, 'latin1');
  wav.writeUInt32LE(4, 40);
  wav.writeInt16LE(16384, 44);
  wav.writeInt16LE(-8192, 46);
  t.deepEqual([...(readWav!(wav) as Float64Array)], [0.5, -0.25]);
  wav.writeUInt32LE(44100, 24);
  t.throws(() => readWav!(wav), { message: /44100/ });
  t.throws(() => readWav!(Buffer.from('text')), { message: /not a WAV file/ });
});
