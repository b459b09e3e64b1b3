//! The virtual desktop: a display without a screen, and a session bus.

use super::folders::Folders;
use super::running::Running;
use super::surroundings::Surroundings;
use anyhow::Result;
use std::fs;

/// Xvfb and dbus-daemon.
#[derive(Debug)]
pub struct Desktop {
    display: Running,
    bus: Running,
    name: String,
}

impl Desktop {
    /// Starts both and tells the surroundings about them.
    pub async fn start(folders: &Folders, surroundings: &mut Surroundings) -> Result<Self> {
        let mut command = surroundings.command("Xvfb");
        // -displayfd makes the server choose a number that is free.
        command.args([
            "-displayfd",
            "1",
            "-screen",
            "0",
            "1800x1200x24",
            "-nolisten",
            "tcp",
            "-noreset",
        ]);
        let mut display = Running::start("xvfb", command, &folders.logs())?;
        let number: u32 = display.line(|line| line.trim().parse().ok()).await?;
        let name = format!(":{number}");
        surroundings.set("DISPLAY", &name);

        let address = format!("unix:path={}", folders.path("run/bus").display());
        let config = folders.path("config/bus.conf");
        fs::write(&config, config_text(&address))?;
        let mut command = surroundings.command("dbus-daemon");
        command.args(["--nofork", "--print-address=1", "--config-file"]).arg(&config);
        let mut bus = Running::start("dbus", command, &folders.logs())?;
        bus.line(|line| line.starts_with("unix:").then_some(())).await?;
        surroundings.set("DBUS_SESSION_BUS_ADDRESS", &address);
        display.drain();
        bus.drain();
        Ok(Self { display, bus, name })
    }

    /// The display's name, such as `:1`.
    pub fn display(&self) -> &str {
        &self.name
    }

    /// Ends both; the display last, because programs that lose it complain.
    pub async fn stop(&mut self) {
        self.bus.stop().await;
        self.display.stop().await;
    }
}

/// A session bus without services that start by themselves: the keychain that was not asked for is not there.
fn config_text(address: &str) -> String {
    format!(
        r#"<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN" "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <type>session</type>
  <listen>{address}</listen>
  <auth>EXTERNAL</auth>
  <policy context="default">
    <allow send_destination="*" eavesdrop="true"/>
    <allow eavesdrop="true"/>
    <allow own="*"/>
  </policy>
</busconfig>
"#
    )
}
