//! Searches the memory of the processes that show a page.

use aho_corasick::AhoCorasick;
use anyhow::{Context, Result};
use std::collections::{BTreeSet, HashMap};
use std::fs::{self, File};
use std::os::unix::fs::FileExt;

/// Of a page of memory, in bytes.
const PAGE: u64 = 4096;

/// Pages that are looked up at once: those of 32 MiB.
const WINDOW: u64 = 8192;

/// What a text is known by, such as `codes`, and its bytes in some encoding.
pub type Wanted = (&'static str, Vec<u8>);

/// What was found.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Search {
    pub processes: usize,
    pub bytes: usize,
    pub found: BTreeSet<&'static str>,
}

/// A text in the encodings of JavaScript's strings: one byte for each character, or two.
pub fn as_strings(kind: &'static str, text: &str) -> [Wanted; 2] {
    let wide = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
    [(kind, text.as_bytes().to_vec()), (kind, wide)]
}

/// Searches everything that WebKit's processes below `ancestor` have in memory: the page, its scripts'
/// heap with what is not collected yet, and messages that came and went.
pub fn search_webkit(ancestor: u32, wanted: &[Wanted]) -> Result<Search> {
    let searcher = AhoCorasick::new(wanted.iter().map(|(_, bytes)| bytes))?;
    let longest = wanted.iter().map(|(_, bytes)| bytes.len()).max().unwrap_or_default();
    let mut search = Search::default();
    for pid in webkit_processes(ancestor) {
        search.processes += 1;
        let open = |name| File::open(format!("/proc/{pid}/{name}")).context("no right to read it");
        let (memory, map) = (open("mem")?, open("pagemap")?);
        for (start, end) in regions(&fs::read_to_string(format!("/proc/{pid}/maps"))?) {
            for window in (start..end).step_by(usize::try_from(WINDOW * PAGE)?) {
                let pages = WINDOW.min((end - window) / PAGE);
                for (first, count) in present(&map, window / PAGE, pages) {
                    // A secret may go on in the next window.
                    let mut bytes = vec![0; usize::try_from(count * PAGE)? + longest];
                    // A region may be gone since.
                    let read = memory.read_at(&mut bytes, first * PAGE).unwrap_or_default();
                    let matches = searcher.find_iter(&bytes[..read]);
                    search.found.extend(matches.map(|found| wanted[found.pattern()].0));
                    search.bytes += read;
                }
            }
        }
    }
    Ok(search)
}

/// The regions of `/proc/PID/maps` that can be read, without files that cannot be written to.
fn regions(maps: &str) -> Vec<(u64, u64)> {
    let region = |line: &str| {
        let mut words = line.split_whitespace();
        let (start, end) = words.next()?.split_once('-')?;
        let rights = words.next()?;
        let is_file = words.nth(3).is_some_and(|path| path.starts_with('/'));
        let is_read = rights.starts_with('r') && (rights.contains('w') || !is_file);
        let address = |text| u64::from_str_radix(text, 16).ok();
        is_read.then_some((address(start)?, address(end)?))
    };
    maps.lines().filter_map(region).collect()
}

/// Runs of pages that are in memory or swapped out, as the first one and their number. A region of a
/// garbage collector has gigabytes of others.
fn present(map: &File, first: u64, count: u64) -> Vec<(u64, u64)> {
    let mut entries = vec![0; usize::try_from(count * 8).unwrap_or_default()];
    let read = map.read_at(&mut entries, first * 8).unwrap_or_default();
    entries.truncate(read);
    runs(&entries).into_iter().map(|(start, count)| (first + start, count)).collect()
}

/// Bit 63 of an entry is set where the page is in memory, bit 62 where it is swapped out.
fn runs(entries: &[u8]) -> Vec<(u64, u64)> {
    let mut runs: Vec<(u64, u64)> = Vec::new();
    if entries == vec![0; entries.len()] {
        return runs;
    }
    for (page, entry) in (0..).zip(entries.chunks_exact(8)) {
        let is_present = entry.last().is_some_and(|byte| byte & 0b1100_0000 != 0);
        match runs.last_mut() {
            _ if !is_present => {}
            Some((start, count)) if *start + *count == page => *count += 1,
            _ => runs.push((page, 1)),
        }
    }
    runs
}

fn webkit_processes(ancestor: u32) -> Vec<u32> {
    let stat = |pid: u32| {
        let stat = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
        let (name, rest) = stat.split_once('(')?.1.rsplit_once(')')?;
        let parent = rest.split_whitespace().nth(1)?.parse::<u32>().ok()?;
        Some((pid, (name.to_owned(), parent)))
    };
    let entries = fs::read_dir("/proc").into_iter().flatten().flatten();
    let pids = entries.filter_map(|entry| entry.file_name().to_str()?.parse().ok());
    let all: HashMap<u32, (String, u32)> = pids.filter_map(stat).collect();
    let descends = |mut pid: u32| {
        while let Some((_, parent)) = all.get(&pid) {
            if *parent == ancestor {
                return true;
            }
            pid = *parent;
        }
        false
    };
    let webkit =
        all.iter().filter(|(pid, (name, _))| name.starts_with("WebKit") && descends(**pid));
    webkit.map(|(pid, _)| *pid).collect()
}

/// Only what may have a secret and is in memory is searched.
#[test]
fn the_pages_in_memory_are_searched() {
    let maps = "1000-2000 r--p 00000000 00:00 1 /lib/a.so\n2000-3000 rw-p 00000000 00:00 1 /lib/a.so\n\
        3000-4000 ---p 00000000 00:00 0\n4000-5000 rw-p 00000000 00:00 0 [heap]\n\
        5000-6000 r--p 00000000 00:00 0\n";
    assert_eq!(regions(maps), [(0x2000, 0x3000), (0x4000, 0x5000), (0x5000, 0x6000)]);
    let entries = [0, 0x80, 0x40, 0x20, 0x81].map(|last| [1, 0, 0, 0, 0, 0, 0, last]).concat();
    assert_eq!(runs(&entries), [(1, 2), (4, 1)]);
}
