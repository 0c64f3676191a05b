// From a network trained in torch to a chip: weights of a .pth file, a conversion without training, accuracy against steps, energy beside the ANN, 8-bit
// integers, and a C program with the same numbers.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { avgPool2d, batchNorm, conv2d, dense, flatten, input, Model, sequential } from 'lapicque';
import { accuracyAgainstSteps, compareCosts, convert, quantize } from 'lapicque/chip';
import { mnist } from 'lapicque/data';
import { writeReport } from 'lapicque/figure';
import { readTensors } from 'lapicque/files';
import { rateUnit, relu } from 'lapicque/neurons';

const folder = '__test__/files/fixtures/ann';

// The trained network: 100 digits that it has not seen, and their labels.
const ann = await sequential(
  input(1, 28, 28),
  ...[conv2d(1, 12, 5, { name: 'conv1' }), batchNorm({ name: 'bn1' }), relu(), avgPool2d(2)],
  ...[conv2d(12, 64, 5, { name: 'conv2' }), batchNorm({ name: 'bn2' }), relu(), avgPool2d(2)],
  ...[flatten(), dense(1024, 10, { name: 'fc' }), rateUnit()],
).compile();
await ann.importWeights(`${folder}/conv.pth`);
const digits = (await readTensors(`${folder}/digits100.safetensors`)).tensors;
const test = {
  x: digits.get('input').data,
  shape: [100, 784],
  y: Uint8Array.from(digits.get('label').data, Number),
};

// The conversion: some digits say how active each channel is; no label and no training is needed.
const { images } = await mnist();
const some = Array.from({ length: 500 }, (_, i) => images.subarray(20 * i * 784, (20 * i + 1) * 784));
const calibration = new Float32Array(500 * 784);
some.forEach((image, i) => {
  calibration.set(image, i * 784);
});
const spiking = await convert(ann, { data: { x: calibration, shape: [500, 784] }, steps: 16 });
for (const { layer, kind, became } of spiking.report.layers) console.log(`${layer} (${kind}): ${became}`);
for (const { layer, error, saturated, dead, neurons } of spiking.report.populations)
  console.log(
    `${layer}: error ${(100 * error).toFixed(1)} %, ${(100 * saturated).toFixed(2)} % saturated, ${dead} of ${neurons} dead`,
  );

// Accuracy after 1, 2, 4 … steps from one run, beside that of the artificial network.
const curve = await accuracyAgainstSteps(spiking, test, { steps: [1, 2, 4, 8, 16, 32], ann });
curve.steps.forEach((steps, i) => {
  console.log(`${steps} steps: ${curve.correct[i]} of ${curve.samples}`);
});
const [figure] = await writeReport('build/ann-to-chip', { title: 'From an ANN to spikes', steps: curve });
assert(curve.correct.at(-1) >= curve.ann.correct - 2);

// The spiking network is a model like any other: it is saved, and streams step by step.
mkdirSync('build', { recursive: true });
await spiking.model.save('build/ann-to-chip/spiking.safetensors');
const loaded = await Model.load('build/ann-to-chip/spiking.safetensors');
const session = await loaded.session();
const logits = new Float32Array(10);
for (let step = 0; step < 16; step++) {
  session.push(test.x.subarray(0, 784));
  session.membrane().forEach((value, label) => {
    logits[label] += value;
  });
}
assert.equal(logits.indexOf(Math.max(...logits)), (await spiking.predict(test))[0]);

// Energy of both where the spiking network reaches the accuracy of the ANN, less one point.
const decision = { by: 'membrane' };
const costs = await compareCosts(ann, spiking.model, [test], {
  steps: [2, 4, 8, 16],
  tolerance: 0.01,
  annDecision: decision,
  snnDecision: decision,
});
const [{ model: energyModel, ann: annJoules, snn: snnJoules }] = costs.energies;
const microjoules = (joules) => `${(1e6 * joules).toFixed(2)} µJ`;
console.log(
  `${costs.steps} steps: spikes ${microjoules(snnJoules)}, ANN ${microjoules(annJoules)} a digit by ${energyModel.name} (arithmetic only)`,
);

// Weights of 8 bits and whole states: no float is left.
const steps = 16;
const { network, report } = await quantize(spiking.model, {
  target: 'int8',
  calibration: { x: calibration.subarray(0, 100 * 784), shape: [100, 784] },
  steps,
});
const { v } = await network.run(test, { steps });
const output = network.description.layers.at(-1).name;
// Each output neuron has its own unit.
const units = network.tensors.units[output];
const answers = Array.from({ length: 100 }, (_, digit) => {
  const sums = new Float64Array(10);
  for (let step = 0; step < steps; step++)
    for (let k = 0; k < 10; k++) sums[k] += units[k] * v[(step * 100 + digit) * 10 + k];
  return sums.indexOf(Math.max(...sums));
});
const right = answers.filter((answer, digit) => answer === test.y[digit]).length;
console.log(`8-bit integers: ${right} of 100`);
assert(right >= curve.ann.correct - 3);

// The same network as C99: it prints the potentials of the output neurons for three digits.
const digitsInC = 3;
const { header, source } = network.toC();
const counts = Array.from(test.x.subarray(0, digitsInC * 784), (value) =>
  Math.round(value / report.input.scale),
);
writeFileSync('build/ann-to-chip/network.h', header);
writeFileSync('build/ann-to-chip/network.c', source);
writeFileSync(
  'build/ann-to-chip/main.c',
  `#include <stdio.h>
#include "network.h"
static const int16_t digits[${digitsInC}][NETWORK_INPUTS] = { ${counts.join(', ')} };
int main(void) {
    static network_state state;
    for (int digit = 0; digit < ${digitsInC}; digit++) {
        network_reset(&state);
        for (int step = 0; step < ${steps}; step++) {
            network_step(&state, digits[digit]);
            for (int k = 0; k < NETWORK_OUTPUTS; k++) printf("%d ", (int)state.${output}_v[k]);
        }
    }
    return 0;
}
`,
);
const compiler = ['-std=c99', '-O2', '-Wno-missing-braces', '-o', 'network', 'main.c', 'network.c'];
const compiled = spawnSync('cc', compiler, { cwd: 'build/ann-to-chip', encoding: 'utf8' });
if (compiled.error === undefined) {
  assert.equal(compiled.status, 0, compiled.stderr);
  const printed = spawnSync('build/ann-to-chip/network', { encoding: 'utf8' })
    .stdout.trim()
    .split(' ')
    .map(Number);
  const expected = [];
  for (let digit = 0; digit < digitsInC; digit++)
    for (let step = 0; step < steps; step++)
      for (let k = 0; k < 10; k++) expected.push(v[(step * 100 + digit) * 10 + k]);
  assert.deepEqual(printed, expected);
  console.log(`C: the potentials of ${digitsInC} digits over ${steps} steps are those of the integer engine`);
} else console.log('C: build/ann-to-chip/network.c (there is no compiler `cc` here)');

console.log(
  `ANN ${curve.ann.correct} of 100, spikes ${curve.correct[4]}, 8-bit integers ${right}, ${(snnJoules / annJoules).toFixed(2)} of the energy: ${figure}`,
);
