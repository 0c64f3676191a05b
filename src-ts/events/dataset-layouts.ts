/** The event data sets that {@link eventDataset} supports: their published layouts, and how to verify a copy. */

import type { OpenEventsOptions } from './options.ts';

/** A file as published by the authors. */
interface DatasetArchive {
  readonly name: string;
  readonly md5: string;
}

/** The source of a data set and its layout on disk. */
export interface DatasetLayout {
  readonly title: string;
  readonly width: number;
  readonly height: number;
  readonly polarities: 1 | 2;
  readonly classes: number;
  /** Page on which the authors publish it. */
  readonly from: string;
  /** The required files, for error messages. */
  readonly layout: string;
  readonly splits: readonly string[];
  /** Number of samples of each split, if it is fixed. */
  readonly samples?: Readonly<Record<string, number>>;
  readonly archives: readonly DatasetArchive[];
  /** Options for reading its files, if they do not contain these. */
  readonly open?: Pick<OpenEventsOptions, 'format' | 'chip'>;
}

/**
 * The MD5 sums are those that tonic 1.7.0 and SpikingJelly check (they agree if both have one). N-Cars is published behind a
 * form, without a sum.
 */
export const layouts: Readonly<Record<EventDatasetName, DatasetLayout>> = {
  'n-mnist': {
    title: 'N-MNIST',
    width: 34,
    height: 34,
    polarities: 2,
    classes: 10,
    from: 'https://www.garrickorchard.com/datasets/n-mnist',
    layout: 'Train/0 … Train/9 and Test/0 … Test/9 with .bin files (Train.zip and Test.zip, unpacked)',
    splits: ['train', 'test'],
    samples: { train: 60_000, test: 10_000 },
    open: { format: 'nmnist' },
    archives: [
      { name: 'Train.zip', md5: '20959b8e626244a1b502305a9e6e2031' },
      { name: 'Test.zip', md5: '69ca8762b2fe404d9b9bad1103e97832' },
    ],
  },
  'n-cars': {
    title: 'N-Cars',
    width: 120,
    height: 100,
    polarities: 2,
    classes: 2,
    from: 'https://www.prophesee.ai/2018/03/13/dataset-n-cars/',
    layout:
      'n-cars_train/cars, n-cars_train/background, n-cars_test/cars and n-cars_test/background with .dat files (Prophesee_Dataset_n_cars.zip, unpacked)',
    splits: ['train', 'test'],
    samples: { train: 15_422, test: 8_607 },
    open: { format: 'dat' },
    archives: [],
  },
  'cifar10-dvs': {
    title: 'CIFAR10-DVS',
    width: 128,
    height: 128,
    polarities: 2,
    classes: 10,
    from: 'https://figshare.com/articles/dataset/CIFAR10-DVS_New/4724671',
    layout: 'airplane … truck with .aedat files (airplane.zip … truck.zip, unpacked)',
    splits: ['all'],
    samples: { all: 10_000 },
    open: { format: 'aedat2', chip: 'dvs128' },
    archives: [
      { name: 'airplane.zip', md5: '0afd5c4bf9ae06af762a77b180354fdd' },
      { name: 'automobile.zip', md5: '8438dfeba3bc970c94962d995b1b9bdd' },
      { name: 'bird.zip', md5: 'a9c207c91c55b9dc2002dc21c684d785' },
      { name: 'cat.zip', md5: '52c63c677c2b15fa5146a8daf4d56687' },
      { name: 'deer.zip', md5: 'b6bf21f6c04d21ba4e23fc3e36c8a4a3' },
      { name: 'dog.zip', md5: 'f379ebdf6703d16e0a690782e62639c3' },
      { name: 'frog.zip', md5: 'cad6ed91214b1c7388a5f6ee56d08803' },
      { name: 'horse.zip', md5: 'e7cbbf77bec584ffbf913f00e682782a' },
      { name: 'ship.zip', md5: '41c7bd7d6b251be82557c6cce9a7d5c9' },
      { name: 'truck.zip', md5: '89f3922fd147d9aeff89e76a2b0b70a7' },
    ],
  },
  'dvs-gesture': {
    title: 'DVS128 Gesture',
    width: 128,
    height: 128,
    polarities: 2,
    classes: 11,
    from: 'https://research.ibm.com/interactive/dvsgesture/',
    layout:
      'trials_to_train.txt, trials_to_test.txt, and for each trial userNN_LIGHT.aedat with userNN_LIGHT_labels.csv (DvsGesture.tar.gz, unpacked)',
    splits: ['train', 'test'],
    samples: { train: 1176, test: 288 },
    archives: [{ name: 'DvsGesture.tar.gz', md5: '8a5c71fb11e24e5ca5b11866ca6c00a1' }],
  },
  shd: {
    title: 'Spiking Heidelberg Digits',
    width: 700,
    height: 1,
    polarities: 1,
    classes: 20,
    from: 'https://zenkelab.org/resources/spiking-heidelberg-datasets-shd/',
    layout: 'shd_train.h5 and shd_test.h5 (shd_train.h5.zip and shd_test.h5.zip, unpacked)',
    splits: ['train', 'test'],
    samples: { train: 8156, test: 2264 },
    archives: [
      { name: 'shd_train.h5.zip', md5: 'f3252aeb598ac776c1b526422d90eecb' },
      { name: 'shd_test.h5.zip', md5: '1503a5064faa34311c398fb0a1ed0a6f' },
    ],
  },
  ssc: {
    title: 'Spiking Speech Commands',
    width: 700,
    height: 1,
    polarities: 1,
    classes: 35,
    from: 'https://zenkelab.org/resources/spiking-heidelberg-datasets-shd/',
    layout: 'ssc_train.h5, ssc_valid.h5 and ssc_test.h5 (ssc_train.h5.zip, … unpacked)',
    splits: ['train', 'valid', 'test'],
    samples: { train: 75_466, valid: 9_981, test: 20_382 },
    archives: [
      { name: 'ssc_train.h5.zip', md5: 'd102be95e7144fcc0553d1f45ba94170' },
      { name: 'ssc_valid.h5.zip', md5: 'b4eee3516a4a90dd0c71a6ac23a8ae43' },
      { name: 'ssc_test.h5.zip', md5: 'a35ff1e9cffdd02a20eb850c17c37748' },
    ],
  },
};

/** Data sets that {@link eventDataset} supports. */
export type EventDatasetName = 'n-mnist' | 'n-cars' | 'cifar10-dvs' | 'dvs-gesture' | 'shd' | 'ssc';

/** Names of the classes of CIFAR10-DVS, by label. */
export const objects = [
  'airplane',
  'automobile',
  'bird',
  'cat',
  'deer',
  'dog',
  'frog',
  'horse',
  'ship',
  'truck',
] as const;
