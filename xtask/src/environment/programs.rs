//! Nameplate's programs in the environment: how they start, their windows on the display, and how they end.

use super::child_process::ChildProcess;
use super::display::DisplayedWindow;
use super::until::until;
use super::{Environment, process_reaper};
use crate::project;
use anyhow::{Result, ensure};
use std::fs;
use std::path::Path;
use tokio::process::Command;

impl Environment {
    /// Starts the window; it runs until it is closed or the environment ends.
    pub fn start(&mut self, home: &Path) -> Result<()> {
        let mut started = self.start_another(home)?;
        started.drain();
        self.started.push(started);
        Ok(())
    }

    /// Starts a second process and returns it, for tests of how it ends.
    pub fn start_another(&self, home: &Path) -> Result<ChildProcess> {
        self.start_with(home, &[])
    }

    /// The same with arguments, as the desktop starts it for a deep link.
    pub fn start_with(&self, home: &Path, arguments: &[&str]) -> Result<ChildProcess> {
        let mut command = self.window_command(home);
        command.args(arguments);
        ChildProcess::start("nameplate", command, &self.folders.logs())
    }

    /// Starts another program that has a window, such as an example; it runs until the environment ends.
    pub fn start_program(&mut self, name: &str, variables: &[(&str, &str)]) -> Result<()> {
        let mut command = self.env_vars.command(project::program(name));
        command.envs(variables.iter().copied());
        let mut started = ChildProcess::start(name, command, &self.folders.logs())?;
        started.drain();
        self.started.push(started);
        Ok(())
    }

    /// The process of the program that was started last.
    pub fn started_pid(&self) -> Option<u32> {
        self.started.last()?.pid()
    }

    fn window_command(&self, home: &Path) -> Command {
        let mut command = self.env_vars.command(project::program("nameplate-desktop"));
        command.env("NAMEPLATE_HOME", home);
        command
    }

    /// `nameplate --home HOME --json`.
    pub fn command_line(&self, home: &Path) -> Command {
        let mut command = self.env_vars.command(project::program("nameplate"));
        command.arg("--home").arg(home).arg("--json");
        command
    }

    /// The windows of Nameplate on the display.
    pub fn nameplate_windows(&self) -> Result<Vec<DisplayedWindow>> {
        let ours = fs::canonicalize(project::program("nameplate-desktop"))?;
        let mut windows = self.display.windows()?;
        windows.retain(|window| {
            fs::read_link(format!("/proc/{}/exe", window.pid)).is_ok_and(|exe| exe == ours)
        });
        Ok(windows)
    }

    /// Removes the keyboard focus from Nameplate.
    pub fn focus_leaves_nameplate(&self) -> Result<()> {
        self.display.take_focus_away()
    }

    /// Waits until Nameplate has the keyboard focus.
    pub async fn focus_reaches_nameplate(&self) -> Result<()> {
        until("Nameplate did not come to the front", async || {
            let (ours, focused) = (self.nameplate_windows()?, self.display.focused()?);
            Ok(focused.filter(|focused| ours.contains(focused)))
        })
        .await
        .map(drop)
    }

    /// Closes Nameplate's window with WM_DELETE_WINDOW and waits until the process has ended.
    pub fn quit(&self) -> Result<()> {
        let windows = self.nameplate_windows()?;
        ensure!(!windows.is_empty(), "Nameplate shows no window");
        for window in &windows {
            self.display.close(window)?;
        }
        for window in windows {
            ensure!(
                process_reaper::ended(window.pid),
                "Nameplate did not end after its window was closed"
            );
        }
        Ok(())
    }
}
