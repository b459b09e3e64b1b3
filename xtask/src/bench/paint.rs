//! When a window is painted, by what the display says. Nothing is asked of the program.
//!
//! The display reports each change of a window (X11's DAMAGE extension). After each, the window's picture is compared
//! with the one that a run before has ended at. Both programs are watched so.

use anyhow::{Context, Result, bail, ensure};
use std::time::{Duration, Instant};
use tokio::sync::oneshot;
use x11rb::connection::Connection;
use x11rb::protocol::Event;
use x11rb::protocol::damage::{ConnectionExt as _, ReportLevel};
use x11rb::protocol::xproto::{
    ChangeWindowAttributesAux, ConnectionExt as _, EventMask, ImageFormat, Window,
};
use x11rb::rust_connection::RustConnection;

/// A window that does not change for this long is painted.
const STILL: Duration = Duration::from_millis(1500);
/// A window that is not painted by then never will be.
const LIMIT: Duration = Duration::from_secs(60);
/// Helper windows of GTK are smaller, in pixels.
const SMALLEST: u16 = 300;
/// One pixel in so many may differ: "a minute ago" becomes "2 minutes ago" between two runs.
const DIFFERENT: usize = 200;

/// A pixel whose channels differ by no more is the same: WebKit rounds edges by the order in which it
/// paints the tiles of a page.
const SHADE: u8 = 32;

/// The pixels of a window.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Picture(Vec<u8>);

impl Picture {
    fn shows(&self, other: &Self) -> bool {
        let (ours, theirs) = (self.0.chunks_exact(4), other.0.chunks_exact(4));
        let limit = ours.len() / DIFFERENT;
        let differ =
            |(a, b): &(&[u8], &[u8])| a.iter().zip(*b).any(|(a, b)| a.abs_diff(*b) > SHADE);
        self.0.len() == other.0.len()
            && ours.zip(theirs).filter(differ).take(limit + 1).count() <= limit
    }

    /// Whether all of it has one colour.
    fn is_blank(&self) -> bool {
        let mut pixels = self.0.chunks_exact(4);
        let first = pixels.next();
        pixels.all(|pixel| Some(pixel) == first)
    }
}

/// Watches the display for the next window, from its own thread.
pub struct Watch {
    painted: oneshot::Receiver<Result<(Instant, Picture)>>,
}

impl Watch {
    /// Begins before the program is started. With a picture, the window is painted when it shows that; without one, when
    /// it changes no more.
    pub fn begin(display: &str, awaited: Option<Picture>) -> Result<Self> {
        let watcher = Watcher::connect(display)?;
        let (sender, painted) = oneshot::channel();
        std::thread::spawn(move || {
            let _ = sender.send(watcher.watch(awaited));
        });
        Ok(Self { painted })
    }

    /// Waits until the window is painted; tells when that was, and what it shows.
    pub async fn painted(self) -> Result<(Instant, Picture)> {
        self.painted.await.context("the display is not watched any more")?
    }
}

struct Watcher {
    connection: RustConnection,
}

impl Watcher {
    fn connect(display: &str) -> Result<Self> {
        let (connection, number) = x11rb::connect(Some(display)).context("no display")?;
        let root = connection.setup().roots.get(number).context("the display has no screen")?.root;
        connection.damage_query_version(1, 1)?.reply().context("the display has no DAMAGE")?;
        let mask = ChangeWindowAttributesAux::new().event_mask(EventMask::SUBSTRUCTURE_NOTIFY);
        connection.change_window_attributes(root, &mask)?.check()?;
        Ok(Self { connection })
    }

    fn watch(&self, awaited: Option<Picture>) -> Result<(Instant, Picture)> {
        let start = Instant::now();
        let mut window = None;
        let mut last: Option<(Instant, Picture)> = None;
        loop {
            let event = match (&awaited, &last) {
                (None, Some((changed, picture))) if !picture.is_blank() => {
                    match self.event_until(*changed + STILL)? {
                        Some(event) if start.elapsed() < LIMIT => event,
                        Some(_) | None => return last.context("nothing was painted"),
                    }
                }
                _ => self.event_until(start + LIMIT)?.context("the window was not painted")?,
            };
            match event {
                Event::MapNotify(mapped) if window.is_none() => {
                    if self.is_large(mapped.window) {
                        let damage = self.connection.generate_id()?;
                        let level = ReportLevel::NON_EMPTY;
                        self.connection.damage_create(damage, mapped.window, level)?.check()?;
                        window = Some((mapped.window, damage));
                    }
                }
                Event::DamageNotify(_) => {}
                _ => continue,
            }
            let Some((id, damage)) = window else { continue };
            // From here on, the next change is reported.
            self.connection.damage_subtract(damage, x11rb::NONE, x11rb::NONE)?;
            let picture = self.picture(id)?;
            let now = Instant::now();
            match &awaited {
                Some(awaited) if picture.shows(awaited) => return Ok((now, picture)),
                Some(_) => {}
                None => last = Some((now, picture)),
            }
        }
    }

    fn event_until(&self, end: Instant) -> Result<Option<Event>> {
        loop {
            if let Some(event) = self.connection.poll_for_event()? {
                return Ok(Some(event));
            }
            let left = end.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return Ok(None);
            }
            self.readable_within(left)?;
        }
    }

    fn readable_within(&self, time: Duration) -> Result<()> {
        use rustix::event::{PollFd, PollFlags, Timespec, poll};
        self.connection.flush()?;
        let limit = Timespec::try_from(time).context("too long")?;
        match poll(&mut [PollFd::new(self.connection.stream(), PollFlags::IN)], Some(&limit)) {
            // A signal, such as of a child that ended; the caller looks at the time.
            Ok(_) | Err(rustix::io::Errno::INTR) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }

    fn is_large(&self, window: Window) -> bool {
        let geometry =
            self.connection.get_geometry(window).ok().and_then(|asked| asked.reply().ok());
        geometry.is_some_and(|geometry| geometry.width >= SMALLEST && geometry.height >= SMALLEST)
    }

    fn picture(&self, window: Window) -> Result<Picture> {
        let size = self.connection.get_geometry(window)?.reply()?;
        let (format, all) = (ImageFormat::Z_PIXMAP, u32::MAX);
        let image =
            self.connection.get_image(format, window, 0, 0, size.width, size.height, all)?;
        let image = image.reply().context("the window has no picture")?;
        ensure!(!image.data.is_empty(), "the window's picture is empty");
        if image.data.len() % 4 != 0 {
            bail!("the display has no pixels of four bytes");
        }
        Ok(Picture(image.data))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_few_other_pixels_make_no_other_picture() {
        let picture = |different: usize| {
            let pixel = |n: usize| if n < different { [0; 4] } else { [255; 4] };
            Picture((0..1000).flat_map(pixel).collect())
        };
        assert!(picture(5).shows(&picture(0)) && !picture(6).shows(&picture(0)));
        assert!(picture(0).is_blank() && !picture(1).is_blank());
        assert!(!Picture(vec![0; 4]).shows(&picture(0)));
    }
}
