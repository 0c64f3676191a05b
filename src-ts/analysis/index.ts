/** Statistics of spike trains. */
export {
  type Correlogram,
  correlation,
  crossCorrelogram,
  type PowerSpectrum,
  type PowerSpectrumOptions,
  powerSpectrum,
} from './correlation.ts';
export {
  type BinOptions,
  binned,
  fanoFactor,
  psth,
  rates,
  type TimeHistogram,
  windowedFanoFactors,
} from './counts.ts';
export {
  type DistanceProfile,
  isiDistance,
  isiProfile,
  type PairMatrix,
  spikeDistance,
  spikeProfile,
  spikeSynchronization,
  vanRossum,
  victorPurpura,
} from './distances.ts';
export { cv, cv2, type Intervals, intervals, lv, lvr } from './irregularity.ts';
export {
  fromRaster,
  type GivenSpikeTrains,
  type SpikeTrainSpan,
  type SpikeTrains,
  select,
  spikeTrains,
  within,
} from './spike-trains.ts';
