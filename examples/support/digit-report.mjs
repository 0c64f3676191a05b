// The report of the digits example: curves, one digit's spikes and membranes, activity, confusion matrix.
import { decode } from 'lapicque/data';
import { writeReport } from 'lapicque/figure';
import { microjoules, millions, percent, sum } from './numbers.mjs';

const classes = Array.from({ length: 10 }, (_, n) => `${n}`);

/** Runs the model on one digit and writes `report.html` with its pictures to `folder`; returns the files. */
export async function writeDigitReport(folder, measured) {
  const { model, history, seconds, result, cost, samplesOfCost, digit, input } = measured;
  const { dt } = model.description;
  const steps = input.shape[0];
  const run = await model.run(input, { record: ['lif1.spikes', 'lif1.v'] });
  const hidden = { neurons: 1000, spikes: run.recordings['lif1.spikes'], v: run.recordings['lif1.v'] };
  const output = { neurons: 10, spikes: run.spikes, v: run.v };
  const label = digit.y[0];
  const predicted = decode({ kind: 'spike-count' }, run.spikes, run.shape).labels[0];

  // Potential and spikes of one neuron of the single sample: `[steps, 1, neurons]`.
  const trace = (name, { neurons, spikes, v }, n) => {
    const all = Array.from({ length: steps }, (_, t) => t);
    return {
      name,
      v: all.map((t) => v[t * neurons + n]),
      spikes: all.filter((t) => spikes[t * neurons + n] === 1),
    };
  };
  // Three hidden neurons that fire a few times show more than the many that are silent.
  const lively = Array.from({ length: 1000 }, (_, n) => trace(`hidden ${n}`, hidden, n))
    .filter(({ spikes }) => spikes.length >= 3 && spikes.length <= 8)
    .slice(0, 3);
  const other = (label + 1) % 10;

  return writeReport(folder, {
    title: 'A spiking network reads handwritten digits',
    description:
      'Leaky integrate-and-fire neurons, 784-1000-10, trained by back-propagation through time with a surrogate ' +
      'gradient on 8,000 digits of MNIST. Accuracy and spikes are measured on 2,000 digits that training never saw, ' +
      `operations and energy on ${samplesOfCost} of them. ` +
      'Pixels enter as spikes: the brighter, the more often.',
    // The first four are set large.
    summary: {
      'Test accuracy': percent(result.accuracy),
      'Spikes per digit': Math.round(sum(result.spikesPerSample)),
      'Additions per digit': millions(cost.effectiveAcs),
      'Energy per digit, estimated': microjoules(cost.energy.joules),
      'Spikes into the network': Math.round(result.inputEventsPerSample),
      'Run dense: multiply-adds': millions(cost.dense),
      'Run dense: energy, estimated': microjoules(cost.energy.denseJoules),
      'The estimate assumes': cost.energy.model.assumptions[0],
      Parameters: model.parameterCount,
      'Training time': `${seconds.toFixed(1)} s, with validation`,
    },
    history,
    raster: {
      dt,
      steps,
      image: { width: 28, height: 28, pixels: digit.x },
      label: classes[label],
      predicted: classes[predicted],
      layers: [
        { name: 'Input', neurons: 784, spikes: input.x },
        { name: 'Hidden', neurons: 1000, spikes: hidden.spikes },
        { name: 'Output', neurons: 10, spikes: output.spikes, labels: classes },
      ],
    },
    traces: {
      dt,
      threshold: 1,
      neurons: [...lively, trace(`output ${label}`, output, label), trace(`output ${other}`, output, other)],
    },
    activity: {
      steps,
      layers: [
        { name: 'input', neurons: 784, spikes: result.inputEventsPerSample },
        ...result.activity.layers,
      ],
    },
    confusion: result,
    classes,
  });
}
