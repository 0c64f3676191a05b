/** Torch and ONNX files of strangers, and what becomes of them. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { deflateRawSync } from 'node:zlib';
import { readOnnx, readTensors } from '../../src-ts/doors/files.ts';
import { type ErrorCode, LapicqueError } from '../../src-ts/index.ts';
import { type Member, mutated, zip } from './file-bytes.ts';
import { random } from './numbers.ts';
import { int, model, node, part, tensor } from './onnx-bytes.ts';

/** An archive of torch.save around a pickle. */
export function torch(pickle: Uint8Array, more: readonly Member[] = []): Buffer {
  const stored = (name: string, packed: Uint8Array): Member => ({
    name,
    packed,
    size: packed.length,
    method: 0,
  });
  const records = Array.from({ length: 4 }, (_, i) => stored(`x/data/${i}`, Buffer.alloc(96, i + 1)));
  return zip([
    stored('x/data.pkl', pickle),
    ...records,
    stored('x/byteorder', Buffer.from('little')),
    ...more,
  ]);
}

const onnx = async (bytes: Uint8Array) => {
  const network = await readOnnx(bytes);
  (await network.compile()).dispose();
};

// Pickles.

const text = (value: string) => Buffer.concat([Buffer.from('X'), u32(value.length), Buffer.from(value)]);
const u32 = (value: number) => Buffer.from(Uint32Array.of(value).buffer);
const global = (module: string, name: string) => Buffer.from(`c${module}\n${name}\n`);
const long = (value: bigint) => {
  const bytes = Buffer.alloc(8);
  bytes.writeBigInt64LE(value);
  return Buffer.concat([Buffer.from([0x8a, 8]), bytes]);
};
const pickle = (...pieces: (Buffer | string)[]) =>
  Buffer.concat([
    Buffer.from([0x80, 2]),
    ...pieces.map((piece) => (typeof piece === 'string' ? Buffer.from(piece, 'latin1') : piece)),
    Buffer.from('.'),
  ]);
/** A tensor over the record data/0 of 24 numbers. */
export const view = (shape: readonly bigint[], strides: readonly bigint[], count = 24n) => [
  global('torch._utils', '_rebuild_tensor_v2'),
  ...[
    '((',
    text('storage'),
    global('torch', 'FloatStorage'),
    text('0'),
    text('cpu'),
    long(count),
    'tQ',
    long(0n),
  ],
  ...['(', ...shape.map(long), 't(', ...strides.map(long), 't\x89N', 'tR'],
];
export const dictionary = (...value: (Buffer | string)[]) => pickle('}(', text('w'), ...value, 'u');

/** Tensors, a number and a list. */
const several = () =>
  pickle(
    ...['}(', text('a'), ...view([2n, 3n], [3n, 1n]), text('b'), ...view([3n, 2n], [1n, 3n])],
    ...[text('c'), '](', ...view([4n], [5n]), ...view([], []), 'e', text('n'), long(7n), 'u'],
  );

const fixtures = '__test__/files/fixtures';
const shapes = () => readFile(join(fixtures, 'torch/shapes.pth'));

/** Files from which damaged ones are made, with their loaders. */
export const honest: Record<
  string,
  [bytes: () => Promise<Uint8Array>, load: (bytes: Uint8Array) => Promise<unknown>]
> = {
  'a file of torch.save': [shapes, (bytes) => readTensors(bytes)],
  'the pickle of a file of torch.save': [async () => several(), (bytes) => readTensors(torch(bytes))],
  'a state_dict as .safetensors': [
    () => readFile(join(fixtures, 'state-dicts/norse-recurrent.safetensors')),
    (bytes) => readTensors(bytes),
  ],
  'a state_dict as .npz': [
    () => readFile(join(fixtures, 'state-dicts/snntorch-image.npz')),
    (bytes) => readTensors(bytes),
  ],
  'an ONNX file of the older exporter': [() => readFile(join(fixtures, 'onnx/residual-13.onnx')), onnx],
  'an ONNX file of torch.export': [() => readFile(join(fixtures, 'onnx/line-dynamo.onnx')), onnx],
  'an ONNX file by hand': [() => readFile(join(fixtures, 'onnx/by-hand-newest.onnx')), onnx],
};

/** Pickles and archives, with the refusal that each meets. */
export const attacks: Record<string, [bytes: () => Uint8Array, code: ErrorCode, message: RegExp]> = {
  'a call of os.system': [
    () => torch(pickle(global('posix', 'system'), '(', text('touch /tmp/lapicque-was-here'), 'tR')),
    'unsupported',
    /posix\.system/,
  ],
  'a call of eval by way of STACK_GLOBAL': [
    () => torch(pickle(text('builtins'), text('eval'), Buffer.from([0x93]), '(', text('1'), 'tR')),
    'unsupported',
    /builtins\.eval/,
  ],
  'a class by INST': [() => torch(pickle('(ios\nsystem\n')), 'unsupported', /opcode 0x69/],
  'an object by NEWOBJ': [
    () => torch(pickle(global('collections', 'OrderedDict'), ')\x81')),
    'unsupported',
    /opcode 0x81/,
  ],
  'an extension code': [() => torch(pickle('\x82\x01')), 'unsupported', /opcode 0x82/],
  'a call of a storage class': [
    () => torch(pickle(global('torch', 'FloatStorage'), ')R')),
    'malformed-file',
    /not a function/,
  ],
  'a name of the prototype': [() => torch(pickle(global('__proto__', 'x'))), 'unsupported', /__proto__\.x/],
  'a dictionary that holds itself': [
    () => torch(pickle('}q\x00', text('w'), 'h\x00s')),
    'malformed-file',
    /contains itself/,
  ],
  'a list that holds itself': [() => torch(dictionary(']q\x00h\x00a')), 'malformed-file', /contains itself/],
  'lists within lists': [
    () => torch(dictionary(']'.repeat(100_000), 'a'.repeat(99_999))),
    'malformed-file',
    /nested more than 64 levels/,
  ],
  'lists that share their parts': [
    () => {
      const doubled = Array.from(
        { length: 40 },
        (_, i) => `](h${String.fromCharCode(i)}h${String.fromCharCode(i)}eq${String.fromCharCode(i + 1)}0`,
      );
      return torch(dictionary(']q\x000', ...doubled, 'h\x28'));
    },
    'too-large',
    /dictionaries/,
  ],
  'a million marks': [() => torch(pickle('('.repeat(1e6))), 'malformed-file', /missing/],
  'five million lists': [() => torch(pickle(']'.repeat(5e6))), 'too-large', /pickle/],
  'a text of 4 GiB': [() => torch(pickle('X\xff\xff\xff\xff')), 'malformed-file', /ends early/],
  'a text of 2⁶³ bytes': [() => torch(pickle('\x8d', '\xff'.repeat(8))), 'malformed-file', /ends early/],
  'a memo that there is not': [() => torch(pickle('h\x07')), 'malformed-file', /value 7/],
  'a shape of 2⁶⁰ numbers': [
    () => torch(dictionary(...view([2n ** 30n, 2n ** 30n], [2n ** 30n, 1n]))),
    'malformed-file',
    /the tensor w/,
  ],
  'a shape of 2⁴⁰ numbers from one': [
    () => torch(dictionary(...view([2n ** 40n], [0n]))),
    'too-large',
    /the tensor w/,
  ],
  'a shape of 400 MB from one number': [
    () => torch(dictionary(...view([10n ** 8n], [0n]))),
    'too-large',
    /the tensor w/,
  ],
  'a stride below 0': [() => torch(dictionary(...view([4n], [-1n]))), 'malformed-file', /strides/],
  'a storage larger than its record': [
    () => torch(dictionary(...view([4n], [1n], 2n ** 40n))),
    'malformed-file',
    /data\/0 has 96 bytes/,
  ],
  'a record outside of data/': [
    () =>
      torch(
        dictionary(
          '(',
          text('storage'),
          global('torch', 'FloatStorage'),
          text('../data.pkl'),
          text('cpu'),
          long(1n),
          'tQ',
        ),
      ),
    'malformed-file',
    /key of a storage/,
  ],
  'a record that unpacks to 280 MB': [
    () => {
      const content = Buffer.alloc(2.8e8);
      return zip([
        { name: 'x/data.pkl', packed: deflateRawSync(content, { level: 1 }), size: content.length },
      ]);
    },
    'too-large',
    /data\.pkl/,
  ],
  'a record that unpacks to more than it says': [
    () => zip([{ name: 'x/data.pkl', packed: deflateRawSync(Buffer.alloc(3e7), { level: 1 }), size: 100 }]),
    'malformed-file',
    /data\.pkl/,
  ],
  'two pickles': [
    () =>
      torch(pickle('}'), [{ name: 'data.pkl', packed: pickle('}'), size: pickle('}').length, method: 0 }]),
    'malformed-file',
    /data\.pkl/,
  ],
  'no pickle': [
    () => zip([{ name: 'readme.txt', packed: Buffer.from('x'), size: 1, method: 0 }]),
    'malformed-file',
    /data\.pkl/,
  ],
  TorchScript: [
    () => torch(pickle('}'), [{ name: 'x/constants.pkl', packed: Buffer.of(1), size: 1, method: 0 }]),
    'unsupported',
    /TorchScript/,
  ],
  'a pickle of torch before 1.6': [
    () =>
      Buffer.concat([Buffer.from('\x80\x02\x8a\x0al\xfc\x9cF\xf9 j\xa8P\x19.', 'latin1'), Buffer.alloc(100)]),
    'unsupported',
    /before version 1\.6/,
  ],
  'an archive that ends early': [() => torch(pickle('}')).subarray(0, 200), 'malformed-file', /zip/],
};

// Protobuf.

const relu = node('Relu', ['x'], ['y'], 'a');
const base = { nodes: [relu], initializers: [], input: [3], output: 'y' };

/** The same of ONNX. */
export const protobufs: Record<string, [bytes: () => Uint8Array, code: ErrorCode, message: RegExp]> = {
  'a message longer than the file': [
    () => Buffer.concat([int(1, 10), Buffer.from([0x3a, 0xff, 0xff, 0xff, 0x7f])]),
    'malformed-file',
    /are left/,
  ],
  'a message longer than its parent': [
    () => part(7, Buffer.from([0x0a, 0x7f, 0x00])),
    'malformed-file',
    /are left/,
  ],
  'a number without an end': [() => Buffer.alloc(64, 0xff), 'malformed-file', /more than 10 bytes/],
  'a group': [() => Buffer.from([0x0b]), 'malformed-file', /wire type 3/],
  'field 0': [() => Buffer.from([0x00, 0x00]), 'malformed-file', /field 0/],
  'a million empty nodes': [
    () => Buffer.concat([int(1, 10), part(7, Buffer.alloc(2e6, Buffer.from([0x0a, 0x00])))]),
    'too-large',
    /messages/,
  ],
  'a tensor of a negative size': [
    () => model({ ...base, initializers: [tensor('w', [-1], [])] }),
    'malformed-file',
    /size -1/,
  ],
  'a tensor of a hundred axes': [
    () => model({ ...base, initializers: [tensor('w', new Array(100).fill(1), [1])] }),
    'malformed-file',
    /100 axes/,
  ],
  'numbers that are cut between two fields': [
    () =>
      model({
        ...base,
        nodes: [node('Add', ['x', 'w'], ['y'], 'a')],
        initializers: [
          Buffer.concat([
            ...[int(1, 2), int(2, 1), part(4, Buffer.alloc(6)), part(4, Buffer.alloc(2)), part(8, 'w')],
          ]),
        ],
      }),
    'malformed-file',
    /the tensor w has a field of 6 bytes/,
  ],
  'a convolution larger than any image': [
    () =>
      model({
        ...base,
        nodes: [node('Conv', ['x', 'w'], ['y'], 'c')],
        initializers: [tensor('w', [1, 1, 9, 9], new Array(81).fill(1))],
        input: [1, 4, 4],
      }),
    'unsupported',
    /Conv "c": a window larger/,
  ],
  'an input of 2⁴⁰ numbers': [() => model({ ...base, input: [2 ** 20, 2 ** 20] }), 'invalid-parameter', /./],
};

const refusals: readonly string[] = [
  ...['malformed-file', 'unsupported', 'too-large', 'io', 'invalid-parameter', 'shape-mismatch'],
  ...['unknown-name', 'equation', 'non-finite', 'weights-mismatch'],
];

/** What became of many files. */
export interface Damage {
  name: string;
  bytes: number;
  refused: number;
  /** Errors that are not the library's, or that say that it is at fault. */
  wrong: string[];
  /** The most processor time that one took, ms: what else the machine does is not counted. */
  slowest: number;
  /** The most memory that the process has had more than before, MiB. */
  grown: number;
}

/** The most memory that this process has had, in MiB. */
const peak = () => process.resourceUsage().maxRSS / 1024;

async function tried(load: () => Promise<unknown>): Promise<{ code: string; message: string; ms: number }> {
  const before = process.cpuUsage();
  let [code, message] = ['read', ''];
  try {
    await load();
  } catch (error) {
    code = error instanceof LapicqueError ? error.code : `not ours: ${(error as Error).name}`;
    message = (error as Error).message;
  }
  const { user, system } = process.cpuUsage(before);
  return { code, message, ms: (user + system) / 1000 };
}

/** Loads each honest file with bytes changed in so many ways. For a process of its own. */
export async function damagedAll(changes: number): Promise<Damage[]> {
  const all: Damage[] = [];
  for (const [name, [make, load]] of Object.entries(honest)) {
    const bytes = await make();
    const next = random(name.length);
    const own = await tried(() => load(bytes));
    const damage: Damage = { name, bytes: bytes.length, refused: 0, wrong: [], slowest: 0, grown: 0 };
    if (own.code !== 'read') damage.wrong.push(`the honest one: ${own.code}: ${own.message}`);
    const before = peak();
    for (let i = 0; i < changes; i++) {
      const reach = i % 2 === 0 ? Math.min(600, bytes.length) : bytes.length;
      const damaged = new Uint8Array(mutated(bytes, next, reach));
      const { code, message, ms } = await tried(() => load(damaged));
      damage.slowest = Math.max(damage.slowest, ms);
      if (code !== 'read') damage.refused += 1;
      if (code !== 'read' && !refusals.includes(code)) damage.wrong.push(`change ${i}: ${code}: ${message}`);
    }
    damage.grown = peak() - before;
    all.push(damage);
  }
  return all;
}

/** Loads each hostile file. For a process of its own. */
export async function attackedAll(): Promise<
  { name: string; bytes: number; code: string; message: string; ms: number; grown: number }[]
> {
  const outcomes = [];
  for (const [kind, table] of Object.entries({ torch: attacks, ONNX: protobufs }))
    for (const [what, [make]] of Object.entries(table)) {
      const bytes = new Uint8Array(make());
      const before = peak();
      const outcome = await tried(() => (kind === 'torch' ? readTensors(bytes) : onnx(bytes)));
      outcomes.push({ name: `${kind}: ${what}`, bytes: bytes.length, ...outcome, grown: peak() - before });
    }
  return outcomes;
}
