// Weights of a model as a state_dict: the way back of importWeights, whose results those libraries have confirmed; and, where Python has
// them, loaded there with load_state_dict (strict) and run.
import { spawnSync } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { type Peer, readTensors, writeTensors } from '../../src-ts/doors/files.ts';
import { lif, parametricLif } from '../../src-ts/doors/neurons.ts';
import {
  batchNorm,
  conv2d,
  dense,
  flatten,
  input,
  type LapicqueError,
  type Layer,
  type Model,
  maxPool2d,
  sequential,
  stateDictOf,
} from '../../src-ts/index.ts';
import { deviation, random } from '../support/numbers.ts';
import { type StateDictCase, stateDictCases } from '../support/state-dicts.ts';

const folder = mkdtemp(join(tmpdir(), 'lapicque-state-dict-'));
test.after.always(async () => rm(await folder, { recursive: true, force: true }));

/** Other weights, as training leaves them. */
async function changed(model: Model): Promise<void> {
  const next = random(7);
  const weights = await model.weights();
  for (const values of Object.values(weights))
    for (let i = 0; i < values.length; i++) values[i] = values[i]! * (0.9 + 0.1 * next());
  await model.setWeights(weights);
}

for (const [file, { from, layers }] of Object.entries(stateDictCases)) {
  test(`${file}: trained weights go back to where they came from`, async (t) => {
    const template = join('__test__/files/fixtures/state-dicts', file);
    const model = await compiled(layers);
    await model.importWeights(template, { from });
    // As it came, it leaves.
    const { tensors: theirs } = await readTensors(template);
    const same = await stateDictOf(model, { to: from, template });
    t.deepEqual([...same.keys()], [...theirs.keys()]);
    for (const [name, { data, shape }] of theirs) {
      t.deepEqual(same.get(name)!.shape, shape, name);
      t.true(deviation(Array.from(same.get(name)!.data, Number), Array.from(data, Number)) < 1e-6, name);
    }
    await changed(model);
    const path = join(await folder, `${file}.safetensors`);
    await writeTensors(path, await stateDictOf(model, { to: from, template }));
    const again = await compiled(layers);
    await again.importWeights(path, { from });
    const [before, after] = [await model.weights(), await again.weights()];
    for (const [name, values] of Object.entries(before)) t.true(deviation(after[name]!, values) < 2e-6, name);
  });
}

function compiled(layers: StateDictCase['layers']): Promise<Model> {
  return sequential(...(layers() as [Layer])).compile({ precision: 'f64' });
}

test('elements that are 0 in the template take the weights of the model', async (t) => {
  const recurrent = () =>
    sequential(
      dense(2, 3),
      lif({ beta: 0.9, like: 'snntorch', recurrent: { kind: 'dense', autapses: false } }),
    ).compile();
  // A network before training: its biases are 0, and so are weights from a neuron to itself.
  const zeros = (...shape: number[]) => ({ shape, data: new Float32Array(shape.reduce((a, b) => a * b)) });
  const template = {
    'fc.weight': zeros(3, 2),
    'fc.bias': zeros(3),
    'lif.recurrent.weight': zeros(3, 3),
    'lif.recurrent.bias': zeros(3),
  };
  const model = await recurrent();
  const trained = {
    'dense1.weight': [1, 2, 0, 3, 4, 5],
    'dense1.bias': [6, 7, 8],
    'lif1.recurrent.weight': [0, 9, 10, 11, 0, 12, 13, 14, 0],
    'lif1.recurrent.bias': [15, 16, 17],
  };
  const weights = await model.weights();
  for (const [name, values] of Object.entries(trained)) weights[name]!.set(values);
  await model.setWeights(weights);
  const dict = await stateDictOf(model, { to: 'snntorch', template });
  t.deepEqual([...dict.get('fc.weight')!.data], trained['dense1.weight']);
  t.deepEqual([...dict.get('fc.bias')!.data], trained['dense1.bias']);
  t.deepEqual([...dict.get('lif.recurrent.weight')!.data], trained['lif1.recurrent.weight']);
  t.deepEqual([...dict.get('lif.recurrent.bias')!.data], trained['lif1.recurrent.bias']);
});

test('without a template names are those of the layers', async (t) => {
  const model = await sequential(
    input(1, 4, 4),
    conv2d(1, 2, 3),
    batchNorm({ scale: 2 }),
    lif({ beta: 0.5 }),
    flatten(),
    dense(8, 3, { name: 'fc' }),
    lif({ beta: 0.5, learn: ['beta', 'vThreshold'] }),
  ).compile();
  const refused = (await t.throwsAsync(stateDictOf(model, { to: 'spikingjelly' }))) as LapicqueError;
  t.regex(refused.message, /vThreshold/);
  const dict = await stateDictOf(model, { to: 'snntorch', names: { conv1: 'features.0' } });
  const names = [...dict.keys()];
  t.deepEqual(names.slice(0, 4), [
    'features.0.weight',
    'features.0.bias',
    'batchNorm1.weight',
    'batchNorm1.bias',
  ]);
  t.true(names.includes('batchNorm1.num_batches_tracked'));
  t.deepEqual(names.slice(-4), ['fc.weight', 'fc.bias', 'lif2.beta', 'lif2.threshold']);
  // The factor of ours is in torch's weight.
  t.deepEqual([...dict.get('batchNorm1.weight')!.data], [2, 2]);
  t.deepEqual(dict.get('features.0.weight')!.shape, [2, 1, 3, 3]);
});

test('a recurrent layer without a template, and another network as one, are refused', async (t) => {
  const model = await sequential(dense(3, 4), lif({ beta: 0.9, recurrent: 'dense' })).compile();
  const error = (await t.throwsAsync(stateDictOf(model, { to: 'snntorch' }))) as LapicqueError;
  t.is(error.code, 'unsupported');
  t.regex(error.message, /recurrent layer lif1/);
  const other = (await t.throwsAsync(
    stateDictOf(model, { to: 'snntorch', template: '__test__/files/fixtures/torch/tutorial5.pth' }),
  )) as LapicqueError;
  t.is(other.code, 'weights-mismatch');
});

// In the libraries themselves.

const python = process.env.LAPICQUE_PYTHON ?? 'python3';
const has = (module: string) =>
  spawnSync(python, ['-c', `import ${module}, torch, safetensors`]).status === 0;

const programs: Record<string, { to: Peer; layers: () => Layer[]; net: string; run: string }> = {
  tutorial5: {
    to: 'snntorch',
    layers: () => [
      dense(784, 64),
      lif({ like: 'snntorch', beta: 0.95 }),
      dense(64, 10),
      lif({ like: 'snntorch', beta: 0.95 }),
    ],
    net: `
import snntorch as snn
class Net(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.fc1, self.lif1 = torch.nn.Linear(784, 64), snn.Leaky(beta=0.95)
        self.fc2, self.lif2 = torch.nn.Linear(64, 10), snn.Leaky(beta=0.95)
    def forward(self, xs):
        m1, m2, out = self.lif1.init_leaky(), self.lif2.init_leaky(), []
        for x in xs:
            s, m1 = self.lif1(self.fc1(x), m1)
            s, m2 = self.lif2(self.fc2(s), m2)
            out.append(s)
        return torch.stack(out)
net = Net()`,
    run: 'net(x)',
  },
  spikingjelly: {
    to: 'spikingjelly',
    layers: () => [
      input(1, 28, 28),
      conv2d(1, 8, 3, { padding: 1, bias: false }),
      batchNorm(),
      parametricLif({ like: 'spikingjelly' }),
      maxPool2d(2),
      conv2d(8, 8, 3, { padding: 1, bias: false }),
      batchNorm(),
      parametricLif({ like: 'spikingjelly' }),
      maxPool2d(2),
      flatten(),
      dense(392, 32, { bias: false }),
      parametricLif({ like: 'spikingjelly' }),
      dense(32, 10, { bias: false }),
      parametricLif({ like: 'spikingjelly' }),
    ],
    net: `
from torch import nn
from spikingjelly.activation_based import layer, neuron
node = lambda: neuron.ParametricLIFNode(init_tau=2.0)
net = nn.Sequential(
    layer.Conv2d(1, 8, 3, padding=1, bias=False), layer.BatchNorm2d(8), node(), layer.MaxPool2d(2, 2),
    layer.Conv2d(8, 8, 3, padding=1, bias=False), layer.BatchNorm2d(8), node(), layer.MaxPool2d(2, 2),
    layer.Flatten(), layer.Linear(392, 32, bias=False), node(), layer.Linear(32, 10, bias=False), node())`,
    run: 'torch.stack([net(step) for step in x])',
  },
};

for (const [name, { to, layers, net, run }] of Object.entries(programs)) {
  const there = has(to);
  const title = `${to} loads what is written and spikes alike${there ? '' : ` (skipped: ${python} has no ${to})`}`;
  (there ? test : test.skip)(title, async (t) => {
    const template = `__test__/files/fixtures/torch/${name}.pth`;
    const model = await sequential(...(layers() as [Layer])).compile();
    await model.importWeights(template, { from: to });
    // A factor that a power of two has no rounding in: other spikes than the file's, the same in every order of sums.
    const weights = await model.weights();
    for (const [key, values] of Object.entries(weights))
      if (key.endsWith('.weight') && key.startsWith('dense'))
        for (let i = 0; i < values.length; i++) values[i]! *= 2;
    await model.setWeights(weights);
    const path = join(await folder, `${name}-there.safetensors`);
    await writeTensors(path, await stateDictOf(model, { to, template }));
    const io = `__test__/files/fixtures/torch/${name}.io.npz`;
    const script = `
import json, sys, warnings
warnings.filterwarnings("ignore")
import numpy as np, torch
from safetensors.torch import load_file
${net}
net.load_state_dict(load_file(sys.argv[1]), strict=True)
net.eval()
x = torch.tensor(np.load(sys.argv[2])["x"].astype(np.float32))
with torch.no_grad():
    print(json.dumps(${run}.flatten().int().tolist()))`;
    const { status, stdout, stderr } = spawnSync(python, ['-c', script, path, io], { encoding: 'utf8' });
    t.is(status, 0, stderr);
    const expected = JSON.parse(stdout.trimEnd().split('\n').at(-1)!) as number[];
    const { tensors } = await readTensors(io);
    const { data, shape } = tensors.get('x')!;
    const [steps, batch] = shape as [number, number];
    const ours = await model.run({
      x: data as Float32Array,
      shape: [steps, batch, data.length / steps / batch],
    });
    const differing = expected.filter((spike, i) => spike !== ours.spikes![i]).length;
    t.true(expected.includes(1));
    t.is(differing, 0);
  });
}

/** Networks of the other two, with the network's output where spikes do not tell. */
const values: Record<string, { to: Peer; module: string; net: string }> = {
  'norse-recurrent.safetensors': {
    to: 'norse',
    module: 'norse.torch',
    net: `
import norse.torch as norse
from norse.torch.functional.lif import LIFParameters
from norse.torch.functional.leaky_integrator import LIParameters
class Net(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.hidden = norse.LIFRecurrentCell(5, 8)
        for name, count in (("tau_mem_inv", 8), ("tau_syn_inv", 0), ("v_th", 0)):
            setattr(self.hidden, name, torch.nn.Parameter(torch.ones(count) if count else torch.tensor(1.0)))
        self.out = torch.nn.Linear(8, 3)
        self.readout = norse.LICell(LIParameters(tau_mem_inv=torch.tensor(125.0), tau_syn_inv=torch.tensor(200.0)))
    def forward(self, xs):
        h = self.hidden
        h.p = LIFParameters(tau_syn_inv=h.tau_syn_inv, tau_mem_inv=h.tau_mem_inv, v_th=h.v_th)
        s, r, out = None, None, []
        for x in xs:
            z, s = h(x, s)
            v, r = self.readout(self.out(z), r)
            out.append(v)
        return torch.stack(out)
net = Net()`,
  },
  'torch-rates.safetensors': {
    to: 'torch',
    module: 'torch',
    net: `
from torch import nn
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.encoder, self.norm = nn.Linear(5, 6), nn.BatchNorm1d(6)
        self.rnn, self.tokens, self.decoder = nn.RNN(6, 7, nonlinearity="relu"), nn.LayerNorm(7), nn.Linear(7, 3)
    def forward(self, x):
        h, _ = self.rnn(torch.stack([self.norm(self.encoder(step)) for step in x]))
        return self.decoder(self.tokens(h))
net = Net()`,
  },
};

for (const [file, { to, module, net }] of Object.entries(values)) {
  const there = has(module);
  const title = `${to} loads ${file} as it is trained here${there ? '' : ` (skipped: ${python} has no ${module})`}`;
  (there ? test : test.skip)(title, async (t) => {
    const template = join('__test__/files/fixtures/state-dicts', file);
    const model = await compiled(stateDictCases[file]!.layers);
    await model.importWeights(template, { from: to });
    const weights = await model.weights();
    for (const [key, array] of Object.entries(weights))
      if (key === 'dense2.weight') for (let i = 0; i < array.length; i++) array[i]! *= 2;
    await model.setWeights(weights);
    const path = join(await folder, file);
    await writeTensors(path, await stateDictOf(model, { to, template }));
    const io = template.replace('.safetensors', '.io.npz');
    const script = `
import json, sys, warnings
warnings.filterwarnings("ignore")
import numpy as np, torch
from safetensors.torch import load_file
${net}
net.load_state_dict(load_file(sys.argv[1]), strict=True)
net = net.double().eval()
with torch.no_grad():
    print(json.dumps(net(torch.tensor(np.load(sys.argv[2])["x"]).double()).flatten().tolist()))`;
    const { status, stdout, stderr } = spawnSync(python, ['-c', script, path, io], { encoding: 'utf8' });
    t.is(status, 0, stderr);
    const expected = JSON.parse(stdout.trimEnd().split('\n').at(-1)!) as number[];
    const { data, shape } = (await readTensors(io)).tensors.get('x')!;
    const { v } = await model.run({ x: data as Uint8Array, shape: shape as [number, number, number] });
    t.true(deviation(v, expected) < 1e-5, `${deviation(v, expected)}`);
  });
}
