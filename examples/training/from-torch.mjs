// Networks of torch: an SNN of snnTorch's tutorial and a quantized network as ONNX arrive, run, train on, and the SNN goes back as a state_dict.
import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import { adam, dense, loss, sequential, stateDictOf } from 'lapicque';
import { readOnnx, readTensors, writeTensors } from 'lapicque/files';
import { lif } from 'lapicque/neurons';

const folder = '__test__/files/fixtures';
const digits = (await readTensors(`${folder}/ann/digits100.safetensors`)).tensors;
const x = digits.get('input').data;
const y = Uint8Array.from(digits.get('label').data, Number);
const right = (labels) => y.filter((label, i) => label === labels[i]).length;

// An SNN: the layers are written here, the weights come from the file of torch.save.
const snn = await sequential(
  dense(784, 64),
  lif({ beta: 0.95, like: 'snntorch' }),
  dense(64, 10),
  lif({ beta: 0.95, like: 'snntorch' }),
).compile();
const template = `${folder}/torch/tutorial5.pth`;
const { set, compared, ignored } = await snn.importWeights(template, { from: 'snntorch' });
console.log(`${set.map(({ parameter, tensors }) => `${parameter} from ${tensors}`).join(', ')}`);
console.log(`${compared.length} constants are the same, ${ignored.length} tensors are no weights`);
const before = await snn.predict({ x, shape: [100, 784] }, { steps: 12 });
console.log(`snnTorch's weights: ${right(before)} of 100`);

for (let step = 0; step < 30; step++)
  await snn.trainStep(
    { x, shape: [100, 784], y },
    { steps: 12, loss: loss.crossEntropyMembrane(), optimizer: adam({ lr: 1e-3 }) },
  );
const after = await snn.predict({ x, shape: [100, 784] }, { steps: 12 });
console.log(`after 30 steps here: ${right(after)} of 100`);
assert(right(after) >= right(before));
mkdirSync('build', { recursive: true });
await writeTensors('build/tutorial5.safetensors', await stateDictOf(snn, { to: 'snntorch', template }));

// An artificial network with quantized activations: ONNX has the graph as well.
const network = await readOnnx(`${folder}/ann/small_qcfs.onnx`);
console.log(network.report.nodes.map(({ operator, layer }) => `${operator} → ${layer}`).join(', '));
const ann = await network.compile();
const { v } = await ann.run({ x, shape: [1, 100, 784] });
const expected = (await readTensors(`${folder}/ann/small_qcfs.expected.safetensors`)).tensors.get(
  'logits',
).data;
const deviation = expected.reduce((max, logit, i) => Math.max(max, Math.abs(logit - v[i])), 0);
assert(deviation < 1e-4);

let last;
for (let step = 0; step < 20; step++)
  last = await ann.trainStep(
    { x, shape: [100, 784], y },
    { steps: 1, loss: loss.crossEntropyMembrane(), optimizer: adam({ lr: 1e-3 }) },
  );
const theta = (await ann.weights())['arithmetic1.theta'][0];
console.log(`trained on to a loss of ${last.loss.toFixed(3)}, threshold ${theta.toFixed(3)}`);
console.log(`logits of torch within ${deviation.toExponential(0)}; both networks train on`);
