//! From the start of the program to the painted window, with no network.

use super::Extent;
use super::paint::Picture;
use super::processes;
use super::report::{Report, Target};
use super::session::{Program, Session};
use super::statistics::Pairs;
use anyhow::Result;
use std::path::Path;
use std::time::Duration;

/// What is started: a program at a home, and what it shows in the end.
struct Subject<'a> {
    program: Program,
    home: &'a Path,
    shown: Picture,
}

impl<'a> Subject<'a> {
    /// Starts it once, which also fills the caches of disk and WebKit.
    async fn known(session: &Session, program: Program, home: &'a Path) -> Result<Self> {
        session.close(session.window(program, home, None).await?).await?;
        let window = session.window(program, home, None).await?;
        let shown = window.picture.clone();
        session.close(window).await?;
        Ok(Self { program, home, shown })
    }

    /// Milliseconds to the painted window.
    async fn start(&self, session: &Session) -> Result<f64> {
        let window = session.window(self.program, self.home, Some(&self.shown)).await?;
        let time = window.time;
        session.close(window).await?;
        Ok(time.as_secs_f64() * 1e3)
    }

    /// MiB of all its processes, and of the first alone, when it has come to rest.
    async fn memory(&self, session: &Session, rest: Duration) -> Result<[f64; 2]> {
        let window = session.window(self.program, self.home, Some(&self.shown)).await?;
        tokio::time::sleep(rest).await;
        let mut each = Vec::new();
        for pid in processes::family(window.pid()?) {
            each.push(processes::proportional_set_size(pid)?);
        }
        session.close(window).await?;
        Ok([each.iter().sum(), each.first().copied().unwrap_or_default()])
    }
}

/// Start and memory beside the empty window, and with 200 accounts beside one.
pub async fn measure(session: &mut Session, extent: Extent, report: &mut Report) -> Result<()> {
    let one = session.home("start-1")?;
    session.sign_in(&one).await?;
    let many = session.home("start-200")?;
    session.sign_in(&many).await?;
    super::accounts::multiply(session, &many, 200).await?;
    session.demo.stop().await;

    let ours = Subject::known(session, Program::Nameplate, &one).await?;
    let empty = Subject::known(session, Program::Empty, &one).await?;
    let full = Subject::known(session, Program::Nameplate, &many).await?;
    let times = in_turn(session, &ours, &empty, extent.times(6, 40)).await?;
    let (what, against) = ("Start to the painted offline profile", "empty window");
    report.pairs(what, "ms", against, &times, Target::RatioWithin(1.05, 1.10));
    let times = in_turn(session, &full, &ours, extent.times(4, 15)).await?;
    report.pairs("Start with 200 accounts", "ms", "with 1", &times, Target::Ratio(1.05));

    let rest = Duration::from_secs(extent.times(3, 6) as u64);
    let mut all = Pairs::default();
    let mut first = Pairs::default();
    let mut crowded = Pairs::default();
    for _ in 0..extent.times(2, 5) {
        let [ours_all, ours_first] = ours.memory(session, rest).await?;
        let [empty_all, empty_first] = empty.memory(session, rest).await?;
        let [full_all, _] = full.memory(session, rest).await?;
        all.push(ours_all, empty_all);
        first.push(ours_first, empty_first);
        crowded.push(full_all, ours_all);
    }
    let what = "Proportional set size of all processes, idle";
    report.pairs(what, "MiB", "empty window", &all, Target::Ratio(1.08));
    report.pairs("of these, the main process", "MiB", "empty window", &first, Target::Ratio(1.08));
    report.pairs("the same with 200 accounts", "MiB", "with 1", &crowded, Target::Ratio(1.05));
    Ok(())
}

/// Starts one and the other in turn, and the one that goes first changes.
async fn in_turn(
    session: &Session,
    ours: &Subject<'_>,
    theirs: &Subject<'_>,
    times: usize,
) -> Result<Pairs> {
    let mut pairs = Pairs::default();
    for turn in 0..times {
        if turn % 2 == 0 {
            let time = ours.start(session).await?;
            pairs.push(time, theirs.start(session).await?);
        } else {
            let time = theirs.start(session).await?;
            pairs.push(ours.start(session).await?, time);
        }
    }
    Ok(pairs)
}
