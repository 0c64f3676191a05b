//! A dataset: its description, and its elements by slices.

use super::chunks::Chunks;
use super::file::{File, named};
use super::values::{Column, buffer_for, columns_of};
use crate::fault::{malformed, unsupported};
use crate::filters;
use crate::types::Type;
use hdf5_reader::io::Cursor;
use hdf5_reader::messages::HdfMessage;
use hdf5_reader::messages::dataspace::DataspaceType;
use hdf5_reader::messages::layout::DataLayout;
use hdf5_reader::object_header::ObjectHeader;
use lapicque_base::error::try_vec;
use lapicque_base::{Error, Result};
use std::sync::Arc;

/// Maximum number of axes in the format.
const MAX_AXES: usize = 32;

/// Bytes of a run that are read between two checks for cancellation.
const PIECE: usize = 16 << 20;

pub use hdf5_reader::messages::filter_pipeline::FilterDescription as Filter;

/// A part of a dataset: its start and length on each axis.
#[derive(Debug, Clone, PartialEq)]
pub struct Slice {
    pub start: Vec<u64>,
    pub count: Vec<u64>,
}

impl Slice {
    /// The number of its elements, `None` if it overflows.
    pub fn elements(&self) -> Option<usize> {
        let count = self.count.iter().try_fold(1_u64, |product, n| product.checked_mul(*n))?;
        usize::try_from(count).ok()
    }
}

/// The location of the elements.
enum DataLocation {
    Compact(Vec<u8>),
    /// At one address; `None` if nothing was written.
    Contiguous(Option<u64>),
    Chunked(Box<Chunks>),
}

pub struct Dataset {
    file: Arc<File>,
    path: String,
    /// `None` for a null dataspace, which has no elements.
    shape: Option<Vec<u64>>,
    max_shape: Option<Vec<u64>>,
    of: Type,
    filters: Vec<Filter>,
    fill: Vec<u8>,
    location: DataLocation,
}

impl Dataset {
    pub(super) fn of(file: Arc<File>, path: &str, header: &ObjectHeader) -> Result<Dataset> {
        Dataset::read_header(file, path, header).map_err(|error| named(error, path))
    }

    fn read_header(file: Arc<File>, path: &str, header: &ObjectHeader) -> Result<Dataset> {
        let (mut space, mut of, mut layout, mut fill, mut filters) = (None, None, None, None, Vec::new());
        for message in &header.messages {
            match message {
                HdfMessage::Dataspace(found) => space = Some(found),
                HdfMessage::Datatype(found) => of = Some(Type::of(&found.datatype, file.offset_size())?),
                HdfMessage::DataLayout(found) => layout = Some(&found.layout),
                HdfMessage::FillValue(found) => fill = found.value.clone().or(fill),
                HdfMessage::FilterPipeline(found) => filters = found.filters.clone(),
                HdfMessage::ExternalFiles(_) => {
                    return Err(unsupported("data in other files (external raw storage)"));
                }
                _ => {}
            }
        }
        let missing = |what: &str| malformed(format!("a dataset without its {what}"));
        let space = space.ok_or_else(|| missing("shape"))?;
        let of = of.ok_or_else(|| missing("type"))?;
        let layout = layout.ok_or_else(|| missing("layout"))?;
        if space.dims.len() > MAX_AXES {
            return Err(malformed(format!(
                "{} axes, where a dataset has at most {MAX_AXES}",
                space.dims.len()
            )));
        }
        let is_null = space.dataspace_type == DataspaceType::Null;
        let shape = (!is_null).then(|| space.dims.clone());
        let size = of.size(file.offset_size());
        if size == 0 {
            return Err(malformed("elements of no bytes"));
        }
        let fill = fill.filter(|fill| fill.len() == size).unwrap_or_else(|| vec![0; size.min(1 << 16)]);
        let location = match layout {
            DataLayout::Compact { data } => DataLocation::Compact(data.clone()),
            DataLayout::Contiguous { address, .. } => {
                let width = file.widths().offset;
                DataLocation::Contiguous((!Cursor::is_undefined_offset(*address, width)).then_some(*address))
            }
            DataLayout::Chunked { address, dims, chunk_indexing, .. } => {
                if dims.len() < space.dims.len() {
                    return Err(malformed(format!("chunks of {} axes in {}", dims.len(), space.dims.len())));
                }
                let dims = &dims[..space.dims.len()];
                let indexing = chunk_indexing.clone();
                DataLocation::Chunked(Box::new(Chunks::new(
                    *address,
                    dims,
                    indexing,
                    &space.dims,
                    space.max_dims.clone(),
                    size,
                )?))
            }
        };
        Ok(Dataset {
            file,
            path: path.into(),
            shape,
            max_shape: space.max_dims.clone(),
            of,
            filters,
            fill,
            location,
        })
    }

    pub fn path(&self) -> &str {
        &self.path
    }

    /// `None` for a dataset that has no value (a null dataspace).
    pub fn shape(&self) -> Option<&[u64]> {
        self.shape.as_deref()
    }

    /// The maximum length of each axis, `u64::MAX` if unlimited.
    pub fn max_shape(&self) -> Option<&[u64]> {
        self.max_shape.as_deref()
    }

    pub fn of_type(&self) -> &Type {
        &self.of
    }

    pub fn chunks(&self) -> Option<&[u64]> {
        match &self.location {
            DataLocation::Chunked(chunks) => Some(chunks.shape()),
            _ => None,
        }
    }

    /// In the order of their application.
    pub fn filters(&self) -> &[Filter] {
        &self.filters
    }

    /// A slice of all elements.
    pub fn whole(&self) -> Slice {
        let count = self.shape.clone().unwrap_or_else(|| vec![0]);
        Slice { start: vec![0; count.len()], count }
    }

    /// # Errors
    /// `invalid-parameter` for a slice outside the shape, `too-large`, `malformed-file`, `unsupported`.
    pub fn read(&self, slice: &Slice) -> Result<Vec<Column>> {
        self.read_checking(slice, &|| Ok(()))
    }

    /// As `read`, calling `check` between chunks.
    pub fn read_checking(
        &self,
        slice: &Slice,
        check: &(dyn Fn() -> Result<()> + Sync),
    ) -> Result<Vec<Column>> {
        self.file.source.restart_meter();
        let count = self.check(slice)?;
        let raw = self.raw(slice, count, check).map_err(|error| named(error, &self.path))?;
        columns_of(&self.file, &self.of, raw, count, &self.path).map_err(|error| named(error, &self.path))
    }

    /// The number of elements of a slice, if it is inside the dataset and within the limit.
    fn check(&self, slice: &Slice) -> Result<usize> {
        let Some(shape) = &self.shape else {
            return Ok(0);
        };
        let axes = shape.len();
        if slice.start.len() != axes || slice.count.len() != axes {
            let got = format!("{} starts and {} counts", slice.start.len(), slice.count.len());
            return Err(Error::invalid(
                "slice",
                got,
                format!("one of each for the {axes} axes of {}", self.path),
            ));
        }
        for (axis, ((start, count), length)) in slice.start.iter().zip(&slice.count).zip(shape).enumerate() {
            if start.checked_add(*count).is_none_or(|end| end > *length) {
                let got = format!("{count} from {start} on axis {axis}");
                return Err(Error::invalid(
                    "slice",
                    got,
                    format!("a part of the {length} that {} has", self.path),
                ));
            }
        }
        let size = self.of.size(self.file.offset_size());
        let bytes = slice.elements().and_then(|count| count.checked_mul(size));
        // Once as stored in the file, and once as returned.
        let needed = bytes.map_or(u64::MAX, |bytes| (bytes as u64).saturating_mul(2));
        let chunk = match &self.location {
            DataLocation::Chunked(chunks) if needed > 0 => 2 * chunks.bytes(),
            _ => 0,
        };
        let what = || format!("{} of an HDF5 file", self.path);
        self.file.limits.check(&what(), needed.saturating_add(chunk), self.file.length())?;
        Ok(slice.elements().unwrap_or(0))
    }

    /// Elements as stored in the file.
    fn raw(&self, slice: &Slice, count: usize, check: &(dyn Fn() -> Result<()> + Sync)) -> Result<Vec<u8>> {
        let size = self.of.size(self.file.offset_size());
        let bytes = count * size;
        if bytes == 0 {
            return Ok(Vec::new());
        }
        let shape = self.shape.as_deref().unwrap_or_default();
        // Before memory is allocated for the shape that a damaged file may declare.
        self.check_present(shape, size)?;
        match &self.location {
            DataLocation::Compact(data) => {
                let mut raw = try_vec(&self.path, bytes, 0_u8)?;
                let origin = vec![0; shape.len()];
                Part { origin: &origin, shape, bytes: data }.copy(slice, size, &mut raw)?;
                Ok(raw)
            }
            DataLocation::Contiguous(None) => self.filled(bytes),
            DataLocation::Contiguous(Some(address)) => {
                let mut raw = try_vec(&self.path, bytes, 0_u8)?;
                self.read_whole(*address, slice, shape, size, check, &mut raw)?;
                Ok(raw)
            }
            DataLocation::Chunked(chunks) => {
                let mut raw = self.filled(bytes)?;
                let decode = |chunk: &[u8], mask: u32, len: usize| {
                    filters::decode(&self.filters, mask, chunk, size, len)
                };
                chunks.read(&self.file, slice, size, &self.filters, &decode, check, &mut raw)?;
                Ok(raw)
            }
        }
    }

    /// Checks that a dataset without chunks has as many data as its shape declares.
    fn check_present(&self, shape: &[u64], size: usize) -> Result<()> {
        let (at, length) = match &self.location {
            DataLocation::Compact(data) => (0, data.len() as u64),
            DataLocation::Contiguous(Some(address)) => {
                let at = address.checked_add(self.file.base());
                (at.ok_or_else(|| malformed("data outside the file"))?, self.file.length())
            }
            DataLocation::Contiguous(None) | DataLocation::Chunked(_) => return Ok(()),
        };
        let declared = shape.iter().try_fold(size as u64, |product, n| product.checked_mul(*n));
        if declared.and_then(|declared| at.checked_add(declared)).is_some_and(|end| end <= length) {
            return Ok(());
        }
        let elements: Vec<String> = shape.iter().map(u64::to_string).collect();
        Err(malformed(format!(
            "{} elements of {size} bytes are declared at byte {at}; {} bytes are there",
            elements.join(" × "),
            length.saturating_sub(at)
        )))
    }

    fn filled(&self, bytes: usize) -> Result<Vec<u8>> {
        if self.fill.iter().all(|byte| *byte == 0) {
            return try_vec(&self.path, bytes, 0_u8);
        }
        let mut raw = buffer_for(&self.path, bytes)?;
        while raw.len() < bytes {
            raw.extend_from_slice(&self.fill);
        }
        raw.truncate(bytes);
        Ok(raw)
    }

    /// Reads the contiguous runs of a slice. [`check_present`](Self::check_present) must have passed.
    fn read_whole(
        &self,
        address: u64,
        slice: &Slice,
        shape: &[u64],
        size: usize,
        check: &(dyn Fn() -> Result<()> + Sync),
        raw: &mut [u8],
    ) -> Result<()> {
        let at = address + self.file.base();
        // Trailing axes that are read completely are merged into one run.
        let mut run = 1;
        let mut axis = shape.len();
        while axis > 0 {
            axis -= 1;
            run *= slice.count[axis];
            if slice.count[axis] != shape[axis] {
                break;
            }
        }
        let outer = &slice.count[..axis];
        let runs: u64 = outer.iter().product();
        let mut index = vec![0_u64; axis];
        let mut runs_of = raw.chunks_exact_mut(run as usize * size);
        for _ in 0..runs {
            let mut from = 0;
            for (i, length) in shape.iter().enumerate() {
                from = from * length + slice.start[i] + index.get(i).copied().unwrap_or(0);
            }
            let into = runs_of.next().unwrap_or_default();
            for (i, piece) in into.chunks_mut(PIECE).enumerate() {
                check()?;
                self.file.source.data_into(at + from * size as u64 + (i * PIECE) as u64, piece)?;
            }
            for i in (0..axis).rev() {
                index[i] += 1;
                if index[i] < outer[i] {
                    break;
                }
                index[i] = 0;
            }
        }
        Ok(())
    }
}

/// A box of elements of a dataset, by rows.
pub(super) struct Part<'a> {
    pub(super) origin: &'a [u64],
    pub(super) shape: &'a [u64],
    pub(super) bytes: &'a [u8],
}

impl Part<'_> {
    /// Copies the overlap with the slice to its position in `into`.
    pub(super) fn copy(&self, slice: &Slice, size: usize, into: &mut [u8]) -> Result<()> {
        let short = || malformed("less data than the shape declares");
        let axes = self.shape.len();
        if axes == 0 {
            into.copy_from_slice(self.bytes.get(..size).ok_or_else(short)?);
            return Ok(());
        }
        let mut from = vec![0_u64; axes];
        let mut count = vec![0_u64; axes];
        for axis in 0..axes {
            let low = self.origin[axis].max(slice.start[axis]);
            let high = (self.origin[axis] + self.shape[axis]).min(slice.start[axis] + slice.count[axis]);
            if low >= high {
                return Ok(());
            }
            (from[axis], count[axis]) = (low, high - low);
        }
        let last = axes - 1;
        let run = count[last] as usize * size;
        let runs: u64 = count[..last].iter().product();
        let mut index = vec![0_u64; last];
        for _ in 0..runs {
            let (mut source, mut target) = (0, 0);
            for (axis, &from) in from.iter().enumerate() {
                let at = from + index.get(axis).copied().unwrap_or(0);
                source = source * self.shape[axis] + at - self.origin[axis];
                target = target * slice.count[axis] + at - slice.start[axis];
            }
            let (source, target) = (source as usize * size, target as usize * size);
            let bytes = self.bytes.get(source..source + run).ok_or_else(short)?;
            into.get_mut(target..target + run).ok_or_else(short)?.copy_from_slice(bytes);
            for axis in (0..last).rev() {
                index[axis] += 1;
                if index[axis] < count[axis] {
                    break;
                }
                index[axis] = 0;
            }
        }
        Ok(())
    }
}
