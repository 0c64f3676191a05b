//! Available memory: of the machine, and of the control group (a container's limit) of this process. Only Linux provides these
//! numbers; elsewhere nothing is refused.

use crate::error::{Error, Result};
use std::alloc::{Layout, alloc_zeroed};
use std::fs::read_to_string;
use std::path::Path;

/// Smaller allocations are not checked.
const UNCHECKED_BYTES: u64 = 64 << 20;

/// Refuses an allocation that does not fit into memory, before it is made.
///
/// # Errors
/// `too-large`, with the bytes needed and available.
pub fn check(what: &str, needed: u64) -> Result<()> {
    if needed < UNCHECKED_BYTES {
        return Ok(());
    }
    match available() {
        Some(allowed) if needed > allowed => Err(Error::TooLarge { what: what.into(), needed, allowed }),
        _ => Ok(()),
    }
}

/// The error of a failed allocation.
pub fn refused<T>(what: &str, len: usize) -> Error {
    let needed = (len as u64).saturating_mul(size_of::<T>() as u64);
    // A fragmented address space can also make an allocation fail, so the error never states that the memory would suffice.
    let allowed = available().unwrap_or(0).min(needed.saturating_sub(1));
    Error::TooLarge { what: what.into(), needed, allowed }
}

/// `len` zeros in pages of 2 MiB if the system provides them: for data that are read at random, so that TLB misses do not
/// dominate. A page is placed near the thread that first writes it.
///
/// # Errors
/// `too-large`, with the name `what`.
pub fn huge_pages<T: Zero>(what: &str, len: usize) -> Result<Vec<T>> {
    zeros_in_huge_pages(what, len, len)
}

/// As [`huge_pages`], if it is not known how many elements will be written: huge pages are requested for the first `sure`
/// elements; pages beyond them take no memory until they are written.
///
/// # Errors
/// `too-large`, with the name `what`.
pub fn zeros_in_huge_pages<T: Zero>(what: &str, len: usize, sure: usize) -> Result<Vec<T>> {
    let layout = Layout::array::<T>(len).map_err(|_| refused::<T>(what, len))?;
    if layout.size() == 0 {
        return Ok(Vec::new());
    }
    // SAFETY: the layout has a size above 0.
    let start = unsafe { alloc_zeroed(layout) }.cast::<T>();
    if start.is_null() {
        return Err(refused::<T>(what, len));
    }
    advise_huge(start.addr(), sure.min(len) * size_of::<T>());
    // SAFETY: allocated with the layout of a vector of this capacity; all-zero bits are valid values of the type.
    Ok(unsafe { Vec::from_raw_parts(start, len, len) })
}

/// Makes the system clear pages of zeros that were not written yet, in portions with `check` in between. Threads that fill
/// them at random offsets would otherwise wait for all of them at once.
///
/// # Errors
/// Those of `check`.
pub fn clear_pages<T: Zero>(zeros: &mut [T], check: impl Fn() -> Result<()>) -> Result<()> {
    const PAGE: usize = 4096;
    const TOGETHER: usize = 256 * PAGE;
    for some in zeros.chunks_mut((TOGETHER / size_of::<T>()).max(1)) {
        check()?;
        for first in some.iter_mut().step_by((PAGE / size_of::<T>()).max(1)) {
            // SAFETY: all-zero bits are a valid value of the type.
            *first = unsafe { std::mem::zeroed() };
        }
    }
    Ok(())
}

/// A type for which all-zero bits are a valid value.
///
/// # Safety
/// All-zero bits must be a valid value of the type.
pub unsafe trait Zero: Copy {}

// SAFETY: zero bits are the number 0.
unsafe impl Zero for u16 {}
// SAFETY: as above.
unsafe impl Zero for u32 {}
// SAFETY: as above.
unsafe impl Zero for u64 {}
// SAFETY: as above.
unsafe impl Zero for i16 {}
// SAFETY: as above.
unsafe impl Zero for i64 {}
// SAFETY: as above.
unsafe impl Zero for f32 {}
// SAFETY: as above.
unsafe impl Zero for f64 {}
// SAFETY: both fields may be zeros, and padding is never read.
unsafe impl<A: Zero, B: Zero> Zero for (A, B) {}
// SAFETY: each element may be zeros.
unsafe impl<T: Zero, const N: usize> Zero for [T; N] {}

/// Advises the system to use huge pages for a memory range that has not been written yet.
#[cfg(target_os = "linux")]
fn advise_huge(start: usize, bytes: usize) {
    const HUGE: usize = 2 << 20;
    let (from, to) = (start.next_multiple_of(HUGE), (start + bytes) / HUGE * HUGE);
    if from < to {
        // SAFETY: the pages from `from` to `to` are part of an allocation; the advice changes no contents.
        unsafe { libc::madvise(std::ptr::with_exposed_provenance_mut(from), to - from, libc::MADV_HUGEPAGE) };
    }
}

#[cfg(not(target_os = "linux"))]
fn advise_huge(_: usize, _: usize) {}

/// Available bytes, if the system reports them, minus a sixteenth as a reserve for other processes and other allocations of
/// this one. The system kills a process that uses up all memory.
pub fn available() -> Option<u64> {
    let machine = read_to_string("/proc/meminfo").ok().and_then(|text| of_machine(&text));
    let groups = read_to_string("/proc/self/cgroup").ok();
    let group = groups.and_then(|membership| of_group(Path::new("/sys/fs/cgroup"), &membership));
    machine.into_iter().chain(group).min().map(|bytes| bytes - bytes / 16)
}

fn of_machine(meminfo: &str) -> Option<u64> {
    let line = meminfo.lines().find_map(|line| line.strip_prefix("MemAvailable:"))?;
    line.split_whitespace().next()?.parse::<u64>().ok().map(|kib| kib * 1024)
}

/// The smallest remainder of the limits of a process's control groups, of version 2 or 1.
fn of_group(root: &Path, membership: &str) -> Option<u64> {
    membership.lines().filter_map(|line| of_membership(root, line)).min()
}

/// A line `hierarchy:controllers:path`. Limits of all parent groups count too.
fn of_membership(root: &Path, line: &str) -> Option<u64> {
    let mut parts = line.splitn(3, ':').skip(1);
    let (controllers, path) = (parts.next()?, parts.next()?.trim_start_matches('/'));
    let (root, files) = match controllers {
        "" => (root.to_path_buf(), ["memory.max", "memory.current", "inactive_file"]),
        _ if controllers.split(',').any(|c| c == "memory") => {
            (root.join("memory"), ["memory.limit_in_bytes", "memory.usage_in_bytes", "total_inactive_file"])
        }
        _ => return None,
    };
    let own = root.join(path);
    let above = own.ancestors().take_while(|group| group.starts_with(&root));
    above.filter_map(|group| left(group, files)).min()
}

/// The remainder of a group's limit. Cached pages of files can be dropped, so they do not count as used.
fn left(group: &Path, [limit, usage, droppable]: [&str; 3]) -> Option<u64> {
    let number = |name: &str| read_to_string(group.join(name)).ok()?.trim().parse::<u64>().ok();
    let used = number(usage)?;
    let statistics = read_to_string(group.join("memory.stat")).unwrap_or_default();
    let droppable = statistics
        .lines()
        .find_map(|line| line.strip_prefix(droppable)?.trim().parse::<u64>().ok())
        .unwrap_or(0);
    Some(number(limit)?.saturating_sub(used.saturating_sub(droppable)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs::{create_dir_all, write};

    #[test]
    fn the_machine_tells_kibibytes() {
        assert_eq!(of_machine("MemTotal: 9 kB\nMemAvailable:   21 kB\n"), Some(21 * 1024));
        assert_eq!(of_machine("MemTotal: 9 kB\n"), None);
    }

    #[test]
    fn the_tightest_group_decides() {
        let root = tempfile::tempdir().unwrap();
        let group = |path: &str, files: [(&str, &str); 3]| {
            create_dir_all(root.path().join(path)).unwrap();
            files.iter().for_each(|(name, text)| write(root.path().join(path).join(name), text).unwrap());
        };
        let stat = ("memory.stat", "anon 5\ninactive_file 30\n");
        group("a", [("memory.max", "1000\n"), ("memory.current", "130\n"), stat]);
        group("a/b", [("memory.max", "max\n"), ("memory.current", "100\n"), stat]);
        assert_eq!(of_group(root.path(), "0::/a/b\n"), Some(900));
        assert_eq!(of_group(root.path(), "0::/a\n"), Some(900));
        let stat = ("memory.stat", "total_inactive_file 0\n");
        group("memory/c", [("memory.limit_in_bytes", "50\n"), ("memory.usage_in_bytes", "60\n"), stat]);
        assert_eq!(of_group(root.path(), "4:cpu,memory:/c\n3:cpuset:/\n0::/a/b\n"), Some(0));
        assert_eq!(of_group(root.path(), "3:cpuset:/a\n\nnonsense\n0::/none"), None);
    }

    #[test]
    fn pages_are_cleared_until_somebody_stops_it() {
        let mut zeros = huge_pages::<u32>("zeros", 1 << 20).unwrap();
        let checks = std::cell::Cell::new(0);
        let stops_at = |last: u32| {
            checks.set(checks.get() + 1);
            if checks.get() > last { Err(Error::Aborted) } else { Ok(()) }
        };
        assert_eq!(clear_pages(&mut zeros, || stops_at(2)), Err(Error::Aborted));
        assert_eq!(clear_pages(&mut zeros, || stops_at(u32::MAX)), Ok(()));
        assert_eq!((checks.get(), zeros.iter().max()), (3 + 4, Some(&0)));
        assert_eq!(clear_pages::<u64>(&mut [], || Err(Error::Aborted)), Ok(()));
    }

    #[test]
    fn what_cannot_be_had_is_refused_with_both_numbers() {
        assert_eq!(check("a thing", UNCHECKED_BYTES - 1), Ok(()));
        let Err(Error::TooLarge { needed, allowed, .. }) = check("a thing", u64::MAX) else { panic!() };
        assert!(needed > allowed && allowed > 0);
        let Error::TooLarge { needed, allowed, .. } = refused::<u64>("a thing", 1) else { panic!() };
        assert_eq!((needed, allowed), (8, 7));
    }
}
