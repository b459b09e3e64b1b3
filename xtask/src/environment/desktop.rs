//! A virtual display and a session bus.

use super::child_process::ChildProcess;
use super::env_vars::EnvVars;
use super::folders::Folders;
use anyhow::Result;
use std::fs;

/// Xvfb and dbus-daemon.
#[derive(Debug)]
pub struct Desktop {
    display: ChildProcess,
    bus: ChildProcess,
    name: String,
}

impl Desktop {
    /// Starts both and sets `DISPLAY` and `DBUS_SESSION_BUS_ADDRESS`.
    pub async fn start(folders: &Folders, env_vars: &mut EnvVars) -> Result<Self> {
        let mut command = env_vars.command("Xvfb");
        // With -displayfd the server chooses a free display number.
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
        let mut display = ChildProcess::start("xvfb", command, &folders.logs())?;
        let number: u32 = display.line(|line| line.trim().parse().ok()).await?;
        let name = format!(":{number}");
        env_vars.set("DISPLAY", &name);

        let address = format!("unix:path={}", folders.path("run/bus").display());
        let config = folders.path("config/bus.conf");
        fs::write(&config, config_text(&address))?;
        let mut command = env_vars.command("dbus-daemon");
        command.args(["--nofork", "--print-address=1", "--config-file"]).arg(&config);
        let mut bus = ChildProcess::start("dbus", command, &folders.logs())?;
        bus.line(|line| line.starts_with("unix:").then_some(())).await?;
        env_vars.set("DBUS_SESSION_BUS_ADDRESS", &address);
        display.drain();
        bus.drain();
        Ok(Self { display, bus, name })
    }

    /// The display's name, such as `:1`.
    pub fn display(&self) -> &str {
        &self.name
    }

    /// Stops both, the display last.
    pub async fn stop(&mut self) {
        self.bus.stop().await;
        self.display.stop().await;
    }
}

/// A session bus without service activation, so that no keychain is started on demand.
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
