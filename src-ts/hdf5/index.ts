// Public names of the room hdf5.

export {
  type Hdf5DatasetOptions,
  type Hdf5DatasetSpec,
  type Hdf5GroupSpec,
  type Hdf5Node,
  type Hdf5Source,
  type Hdf5Tree,
  type Hdf5Writable,
  hdf5Dataset,
  hdf5Group,
} from './describe.ts';
export {
  type Hdf5Dataset,
  type Hdf5Entry,
  type Hdf5File,
  type Hdf5Kind,
  type Hdf5ReadOptions,
  type Hdf5SliceOptions,
  openHdf5,
} from './file.ts';
export {
  type Hdf5Array,
  type Hdf5Data,
  type Hdf5Member,
  type Hdf5Number,
  type Hdf5Scalar,
  type Hdf5Type,
  type Hdf5Values,
  hdf5Scalar,
} from './types.ts';
export {
  createHdf5,
  type Hdf5Appender,
  type Hdf5StreamOptions,
  type Hdf5Writer,
  hdf5Bytes,
  writeHdf5,
} from './write.ts';
