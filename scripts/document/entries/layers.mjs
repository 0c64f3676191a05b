// What each layer is called, what it is for and when to choose it. Its doc comment in src-ts has the formula, shapes, options and errors.
export const layers = {
  dense: {
    name: 'Dense (fully connected) layer',
    use: 'It connects every input to every neuron of the next layer, optionally with delays. Choose it between populations without spatial structure, and as the last layer.',
  },
  conv2d: {
    name: 'Convolution over images',
    use: 'It applies the same small kernel at every position of an image. Choose it for images and frames of event cameras.',
  },
  conv1d: {
    name: 'Convolution over one axis',
    use: 'It is a convolution over one axis that is not time, such as frequency. Choose it for spectra and rows of sensors; over time take `timeFilter`.',
  },
  pointwise: {
    name: 'Pointwise convolution',
    use: 'It mixes the channels of each pixel and leaves pixels apart. Choose it to change the number of channels, and as the linear layer of a transformer over tokens.',
  },
  globalAvgPool: {
    name: 'Global average pooling',
    use: 'It replaces each channel by its mean over all pixels. Choose it before the last dense layer of a convolutional network: fewer weights, and any image size.',
  },
  globalSumPool: {
    name: 'Global sum pooling',
    use: 'It replaces each channel by its sum over all pixels. Choose it for chips that count spikes but cannot divide.',
  },
  globalMaxPool: {
    name: 'Global max pooling',
    use: 'It replaces each channel by its largest pixel. Choose it if it matters whether a feature occurs, not how often.',
  },
  maxPool2d: {
    name: 'Max pooling of images',
    use: 'It keeps the largest value of each window; of spikes, whether any neuron fired. Choose it to shrink images while spikes stay spikes.',
  },
  avgPool2d: {
    name: 'Average pooling of images',
    use: 'It replaces each window by its mean. Choose it to shrink images before a layer that takes real numbers, and in networks that are converted.',
  },
  sumPool2d: {
    name: 'Sum pooling of images',
    use: 'It replaces each window by its sum, which counts spikes. Choose it for chips with integer arithmetic, where a mean would need a division.',
  },
  maxPool1d: {
    name: 'Max pooling over one axis',
    use: 'It keeps the largest value of each window along one axis that is not time. Choose it behind `conv1d`.',
  },
  avgPool1d: {
    name: 'Average pooling over one axis',
    use: 'It replaces each window along one axis that is not time by its mean. Choose it behind `conv1d`, before layers that take real numbers.',
  },
  sumPool1d: {
    name: 'Sum pooling over one axis',
    use: 'It counts the spikes of each window along one axis that is not time. Choose it behind `conv1d` for integer arithmetic.',
  },
  conv3d: {
    name: 'Convolution over volumes',
    use: 'It applies the same small kernel at every position of a volume. Choose it for scans and stacks of images, not for time, which is an axis of its own.',
  },
  input: {
    name: 'Shape of the input',
    use: 'It says that each sample is an image or a volume of a given size. Choose it as the first layer before a convolution or a pool.',
  },
  lateralInhibition: {
    name: 'Lateral inhibition (winner takes all)',
    use: 'Only the neuron with the largest potential of its group may fire in a step. Choose it for sparse codes and competitive learning.',
  },
  batchNorm: {
    name: 'Batch normalization',
    use: 'It scales each channel to a mean of 0 and a variance of 1 over the batch, then by learned factors. Choose it behind convolutions of deep networks, so that neurons neither fall silent nor fire always.',
  },
  flatten: {
    name: 'Flatten',
    use: 'It turns an image into a vector without changing values. Choose it before layers that need one axis; `dense` takes images as they are.',
  },
  unflatten: {
    name: 'Unflatten',
    use: 'It turns a vector into an image. Choose it before transposed convolutions, for example in the decoder of an autoencoder.',
  },
  dropout: {
    name: 'Dropout',
    use: 'In training it sets a random share of the values to zero. Choose it against overfitting; by default a sample keeps its mask over all steps.',
  },
  embedding: {
    name: 'Embedding table',
    use: 'It replaces an index by a learned vector. Choose it as the first layer for words, characters or other symbols.',
  },
  layerNorm: {
    name: 'Layer normalization',
    use: 'It normalizes the values of one sample at one step. Choose it for small batches, recurrent networks and transformers, where statistics of a batch are not available.',
  },
  rmsNorm: {
    name: 'Root mean square normalization',
    use: 'It divides by the root mean square of a sample at one step, without a mean. Choose it as a cheaper `layerNorm`, as language models do.',
  },
  slice: {
    name: 'Slice',
    use: 'It passes on some consecutive values, in another shape. Choose it in a graph whose inputs are parts of one array.',
  },
  timeFilter: {
    name: 'Causal convolution over time',
    use: 'Each output is a weighted sum of the last steps, with fixed or learned weights. Choose it for synaptic kernels and temporal features.',
  },
  timeMixture: {
    name: 'Matrix over the steps',
    use: 'Each step becomes a learned mixture of all steps. Choose it for sequences of one fixed length that are available as a whole.',
  },
  threshold: {
    name: 'Threshold without a memory',
    use: 'It fires wherever its input reaches the threshold. Choose it to turn real numbers into spikes, or behind a `timeFilter` as a spike response model.',
  },
  psn: {
    name: 'Parallel spiking neurons (PSN)',
    use: 'They learn a matrix over time in place of a membrane, so all steps are computed at once. Choose it for speed with sequences of one fixed length.',
  },
  slidingPsn: {
    name: 'Sliding parallel spiking neurons',
    use: 'They see the last steps through one learned kernel and have no reset. Choose it in place of `psn` for sequences of any length and for streams.',
  },
  legendreMemory: {
    name: 'Legendre memory',
    use: 'It computes the matrices of a linear memory that holds the last steps of a signal in a few numbers. Choose it to build your own Legendre memory units; `networks.lmu` is ready-made.',
  },
  legendreDecoder: {
    name: 'Decoder of a Legendre memory',
    use: 'It computes weights that read a past value from a Legendre memory. Choose it to see or to use what the memory holds.',
  },
  timeSum: {
    name: 'Sum over time',
    use: 'Each step is the sum of all steps so far. Choose it as the last layer to count spikes or to add up evidence.',
  },
  timeMean: {
    name: 'Mean over time',
    use: 'Each step is the mean of all steps so far; of spikes, the rate. Choose it as the last layer where the number of steps varies.',
  },
  timeMax: {
    name: 'Maximum over time',
    use: 'Each step is the largest value so far. Choose it as the last layer if one moment decides, as in keyword detection.',
  },
  residual: {
    name: 'Residual connection',
    use: 'It adds the input, or a shortcut, to the output of some layers. Choose it in networks with many layers, so that gradients reach the first ones.',
  },
  concat: {
    name: 'Concatenation of branches',
    use: 'It puts the outputs of several branches beside each other as channels. Choose it for dense blocks and several kernel sizes at once.',
  },
  multiply: {
    name: 'Product of branches',
    use: 'It multiplies the outputs of several branches element by element. Choose it for gates and for masks of spikes.',
  },
  join: {
    name: 'Join of a graph',
    use: 'It is a node that adds, multiplies or concatenates the inputs of its edges. Choose it in a `graph` where several paths meet.',
  },
  attention: {
    name: 'Attention without softmax',
    use: 'It mixes tokens by the products of queries, keys and values that other layers compute. Choose it to build attention of your own; `selfAttention` is ready-made.',
  },
  selfAttention: {
    name: 'Spiking self-attention',
    use: 'It is the attention of Spikformer or the spike-driven transformer, as a list of layers. Choose it for transformers over images or tokens.',
  },
  sequential: {
    name: 'Chain of layers',
    use: 'It puts layers one behind the other. Choose it first: with `residual`, `concat` and `multiply` it also expresses branches.',
  },
  graph: {
    name: 'Directed graph of layers',
    use: 'It connects named layers by edges, also backwards with a delay. Choose it for several inputs, feedback between layers and anything that is no chain.',
  },
  associativeLeaky: {
    name: 'Associative leaky memory',
    use: 'It stores pairs of keys and values in a decaying matrix. Choose it for sequences where something must be found again by its content.',
  },
  convSnn: {
    name: "Convolutional network of snnTorch's tutorial",
    use: 'Two convolutions, two pools and a dense layer with leaky integrate-and-fire neurons classify small images. Choose it as a first convolutional network.',
  },
  lmu: {
    name: 'Legendre memory unit (LMU)',
    use: 'It is a recurrent network around a memory of the last steps. Choose it for long time series and sequential images.',
  },
  shdRecurrent: {
    name: 'Recurrent network for spoken digits',
    use: 'Two recurrent layers of current-based neurons and a leaky readout classify spoken digits. Choose it for spike recordings of sound, such as Spiking Heidelberg Digits.',
  },
  spikeGPT: {
    name: 'SpikeGPT',
    use: 'It is a language model whose blocks communicate by spikes and whose cost per token is constant. Choose it to train a small language model of spikes.',
  },
  spikformer: {
    name: 'Spikformer',
    use: 'It is a transformer for images whose attention works on spikes. Choose it for image classification if a convolutional network is not accurate enough.',
  },
  spikformerBlock: {
    name: 'Block of Spikformer',
    use: 'It is one layer of attention and one perceptron, each with a shortcut. Choose it to build transformers of other shapes.',
  },
};
