//! What the window does while it is not used.

use super::Extent;
use super::processes::{self, Usage};
use super::report::{Report, Target};
use super::session::{Program, Session, Window};
use super::statistics::Pairs;
use anyhow::Result;
use std::time::{Duration, Instant};

/// Both windows are open at once, so that both are watched in the same seconds.
pub async fn measure(session: &mut Session, extent: Extent, report: &mut Report) -> Result<()> {
    let home = session.home("idle")?;
    session.sign_in(&home).await?;
    let ours = session.window(Program::Nameplate, &home, None).await?;
    let theirs = session.window(Program::Empty, &home, None).await?;
    tokio::time::sleep(Duration::from_secs(extent.times(8, 20) as u64)).await;
    let mut waits = Pairs::default();
    let mut processor = Pairs::default();
    for _ in 0..extent.times(2, 6) {
        let [ours, theirs] =
            used([&ours, &theirs], Duration::from_secs(extent.times(10, 20) as u64)).await?;
        waits.push(ours.0, theirs.0);
        processor.push(ours.1, theirs.1);
    }
    session.close(ours).await?;
    session.close(theirs).await?;
    let what = "Voluntary context switches each second, idle, all processes";
    report.pairs(what, "1/s", "empty window", &waits, Target::Ratio(1.1));
    let what = "Processor time each second, idle, all processes";
    report.pairs(what, "ms/s", "empty window", &processor, Target::AtMost(0.5));
    Ok(())
}

/// Context switches and milliseconds of processor time in each second.
async fn used(windows: [&Window; 2], time: Duration) -> Result<[(f64, f64); 2]> {
    let families = [processes::family(windows[0].pid()?), processes::family(windows[1].pid()?)];
    let read = || {
        Ok::<_, anyhow::Error>([processes::usage(&families[0])?, processes::usage(&families[1])?])
    };
    let (before, start) = (read()?, Instant::now());
    tokio::time::sleep(time).await;
    let (after, seconds) = (read()?, start.elapsed().as_secs_f64());
    let rate = |before: Usage, after: Usage| {
        let waits = after.waits.saturating_sub(before.waits) as f64;
        let processor = after.processor.saturating_sub(before.processor) as f64;
        (waits / seconds, processor / 1e6 / seconds)
    };
    Ok([rate(before[0], after[0]), rate(before[1], after[1])])
}
