// What each loss is called, what it is for and when to choose it. The registry in src-rs/core/train/loss has formulas, options and sources.
export const losses = {
  crossEntropyRate: {
    name: 'Cross-entropy of the spikes of each step',
    use: 'It takes the spikes of every step as logits, so each step learns to give the label. Choose it first for classification by spikes, and wherever an answer should come early.',
  },
  crossEntropyCount: {
    name: 'Cross-entropy of spike counts',
    use: 'It takes the spike count of each output neuron as a logit. Choose it for classification by count over few steps; over many steps logits become large and gradients small.',
  },
  crossEntropyMeanRate: {
    name: 'Cross-entropy of mean firing rates',
    use: "It takes the mean rate of each output neuron, from 0 to 1, as a logit. Choose it to repeat SpikingJelly's programs, or if the number of steps varies.",
  },
  crossEntropyMembrane: {
    name: 'Cross-entropy of the membrane of each step',
    use: 'It takes the membrane of every step as logits. Choose it for a readout without spikes whose every step is to give the label, such as a language model.',
  },
  crossEntropyMaxMembrane: {
    name: 'Cross-entropy of the largest membrane',
    use: 'It takes the largest membrane of each output over time as a logit. Choose it if one moment decides, as in keyword detection; only that step gets a gradient.',
  },
  crossEntropyMeanMembrane: {
    name: 'Cross-entropy of the mean membrane',
    use: 'It takes the mean membrane over the steps as logits. Choose it first for a readout without spikes, such as `li`.',
  },
  crossEntropySumMembrane: {
    name: 'Cross-entropy of the summed membrane',
    use: 'It takes the sum of the membrane over the steps as logits. Choose it to repeat programs that sum; otherwise the mean does not depend on the number of steps.',
  },
  crossEntropyFirstSpike: {
    name: 'Cross-entropy of first spike times',
    use: 'The earlier a neuron first fires, the larger its logit. Choose it where the answer is the first output spike: for speed and for few spikes.',
  },
  meanSquaredCount: {
    name: 'Squared error of spike counts',
    use: 'It compares the count of each output with a target for the label and one for the others. Choose it to control output rates: with targets above 0 no output falls silent.',
  },
  meanSquaredRate: {
    name: 'Squared error of mean firing rates',
    use: "It compares mean rates with 1 for the label and 0 for the others. Choose it to repeat SpikingJelly's programs, and for groups of neurons that vote.",
  },
  meanSquaredMembrane: {
    name: 'Squared error of the membrane',
    use: 'It compares the membrane with a target at each step. Choose it for regression: `y` may hold one target per step and neuron.',
  },
  meanSquaredFirstSpike: {
    name: 'Squared error of spike times',
    use: 'It compares the first spike times of each output with targets in steps. Choose it if neurons are to fire at given times, not only before the others.',
  },
  focalRate: {
    name: 'Focal loss of the spikes of each step',
    use: 'It is `crossEntropyRate` with less weight on samples that are classified well already. Choose it if a few hard or rare classes matter among many easy samples.',
  },
  focalCount: {
    name: 'Focal loss of spike counts',
    use: 'It is `crossEntropyCount` with less weight on samples that are classified well already. Choose it for unbalanced classes that are decided by counts.',
  },
  focalMeanRate: {
    name: 'Focal loss of mean firing rates',
    use: 'It is `crossEntropyMeanRate` with less weight on samples that are classified well already. Choose it for unbalanced classes if the number of steps varies.',
  },
  focalMembrane: {
    name: 'Focal loss of the membrane of each step',
    use: 'It is `crossEntropyMembrane` with less weight on steps that are classified well already. Choose it for sequences of labels where most are easy.',
  },
  focalMaxMembrane: {
    name: 'Focal loss of the largest membrane',
    use: 'It is `crossEntropyMaxMembrane` with less weight on samples that are classified well already. Choose it to detect rare events.',
  },
  focalMeanMembrane: {
    name: 'Focal loss of the mean membrane',
    use: 'It is `crossEntropyMeanMembrane` with less weight on samples that are classified well already. Choose it for unbalanced classes and a readout without spikes.',
  },
  focalSumMembrane: {
    name: 'Focal loss of the summed membrane',
    use: 'It is `crossEntropySumMembrane` with less weight on samples that are classified well already. Choose it only to repeat programs that sum over steps.',
  },
};
