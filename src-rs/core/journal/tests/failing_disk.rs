//! Full disks, and disks that fail.

use lapicque_base::error::Error;
use lapicque_journal::{Journal, Medium};
use std::io;
use std::path::Path;
use std::sync::{Arc, Mutex};

#[derive(Default)]
struct Disk {
    bytes: Vec<u8>,
    room: usize,
    sync_fails: bool,
    cut_fails: bool,
    syncs: usize,
}

#[derive(Clone)]
struct Shared(Arc<Mutex<Disk>>);

impl Medium for Shared {
    /// A short write, then the error.
    fn write_all(&mut self, bytes: &[u8]) -> io::Result<()> {
        let mut disk = self.0.lock().unwrap();
        let fits = bytes.len().min(disk.room - disk.bytes.len());
        disk.bytes.extend_from_slice(&bytes[..fits]);
        if fits < bytes.len() { Err(io::Error::from_raw_os_error(28)) } else { Ok(()) }
    }

    fn sync(&mut self) -> io::Result<()> {
        let mut disk = self.0.lock().unwrap();
        disk.syncs += 1;
        if disk.sync_fails { Err(io::Error::from_raw_os_error(5)) } else { Ok(()) }
    }

    fn set_len(&mut self, bytes: u64) -> io::Result<()> {
        let mut disk = self.0.lock().unwrap();
        if disk.cut_fails {
            return Err(io::Error::from_raw_os_error(5));
        }
        disk.bytes.truncate(bytes as usize);
        Ok(())
    }
}

fn journal(room: usize) -> (Journal, Shared) {
    let disk = Shared(Arc::new(Mutex::new(Disk { room, ..Disk::default() })));
    (Journal::on(Path::new("disk"), Box::new(disk.clone())).unwrap(), disk)
}

/// The records that a reader returns.
fn records(disk: &Shared) -> Vec<Vec<u8>> {
    let folder = tempfile::TempDir::new().unwrap();
    let path = folder.path().join("journal.log");
    std::fs::write(&path, &disk.0.lock().unwrap().bytes).unwrap();
    lapicque_journal::read(&path, 0, usize::MAX).unwrap().records
}

#[test]
fn a_full_disk_loses_nothing_acknowledged_at_any_point_and_goes_on_with_room() {
    for room in 16..300 {
        let (mut journal, disk) = journal(room);
        let mut acknowledged: Vec<Vec<u8>> = Vec::new();
        let refused = loop {
            let record = vec![acknowledged.len() as u8 + 1; 23];
            match journal.append([record.as_slice()]) {
                Ok(()) => acknowledged.push(record),
                Err(error) => break error,
            }
        };
        assert!(matches!(&refused, Error::Io { reason, .. } if reason.contains("os error 28")), "{refused}");
        assert_eq!(records(&disk), acknowledged);
        assert!(journal.append([b"still no room, since this is as long".as_slice()]).is_err());
        disk.0.lock().unwrap().room = 1000;
        journal.append([b"room".as_slice()]).unwrap();
        acknowledged.push(b"room".to_vec());
        assert_eq!(records(&disk), acknowledged);
    }
}

#[test]
fn an_fsync_that_failed_is_not_tried_again() {
    let (mut journal, disk) = journal(1000);
    journal.append([b"one".as_slice()]).unwrap();
    disk.0.lock().unwrap().sync_fails = true;
    let first = journal.append([b"two".as_slice()]).unwrap_err();
    disk.0.lock().unwrap().sync_fails = false;
    let syncs = disk.0.lock().unwrap().syncs;
    assert_eq!(journal.append([b"three".as_slice()]).unwrap_err(), first);
    assert_eq!(disk.0.lock().unwrap().syncs, syncs);
}

#[test]
fn a_torn_batch_that_cannot_be_cut_off_is_the_last() {
    let (mut journal, disk) = journal(60);
    journal.append([b"one".as_slice()]).unwrap();
    disk.0.lock().unwrap().cut_fails = true;
    assert!(journal.append([[7; 60].as_slice()]).is_err());
    (disk.0.lock().unwrap().room, disk.0.lock().unwrap().cut_fails) = (1000, false);
    assert!(journal.append([b"two".as_slice()]).is_err());
    assert_eq!(records(&disk), [b"one".to_vec()]);
}
