//! Writes to files of one folder, as the operating system reports them.

use std::path::{Path, PathBuf};

use notify::{EventKind, RecursiveMode, Watcher};
use tokio::sync::mpsc;

/// A subscription to writes. Several writes may be reported as one.
pub(crate) struct FileWatch {
    writes: mpsc::Receiver<()>,
    _watcher: notify::RecommendedWatcher,
}

impl FileWatch {
    /// Watches files of `folder` by their names, also files that do not exist yet.
    ///
    /// # Errors
    /// If the operating system cannot watch the folder.
    pub(crate) fn new(folder: &Path, names: Vec<String>) -> notify::Result<Self> {
        let (sender, writes) = mpsc::channel(1);
        let mut watcher =
            notify::recommended_watcher(move |event: notify::Result<notify::Event>| {
                if event.is_ok_and(|event| concerns(&event, &names)) {
                    // Full: a write is reported already.
                    let _ = sender.try_send(());
                }
            })?;
        watcher.watch(folder, RecursiveMode::NonRecursive)?;
        Ok(Self { writes, _watcher: watcher })
    }

    /// Waits for the next write.
    pub(crate) async fn written(&mut self) {
        if self.writes.recv().await.is_none() {
            std::future::pending().await
        }
    }
}

fn concerns(event: &notify::Event, names: &[String]) -> bool {
    let written = match event.kind {
        EventKind::Create(_) | EventKind::Modify(_) | EventKind::Remove(_) => true,
        EventKind::Any | EventKind::Access(_) | EventKind::Other => false,
    };
    written && event.paths.iter().any(|path| names.contains(&name(path)))
}

/// The last part of a path.
pub(crate) fn name(path: &Path) -> String {
    path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default()
}

/// The folder of a file.
pub(crate) fn folder(path: &Path) -> PathBuf {
    path.parent().unwrap_or(Path::new(".")).to_owned()
}
