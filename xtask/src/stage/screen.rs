//! What is on the virtual display: its windows, whose they are, and which one has the focus.

use anyhow::{Context, Result};
use x11rb::connection::Connection;
use x11rb::protocol::xproto::{
    AtomEnum, ClientMessageEvent, ConnectionExt, EventMask, InputFocus, MapState, Window,
};
use x11rb::rust_connection::RustConnection;

/// A window of some program, as the display knows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shown {
    /// The display's number for it.
    pub id: Window,
    /// The process that it belongs to.
    pub pid: u32,
    /// Its title.
    pub title: String,
}

/// A connection to the display.
#[derive(Debug)]
pub struct Screen {
    connection: RustConnection,
    root: Window,
}

impl Screen {
    /// Connects.
    pub fn connect(display: &str) -> Result<Self> {
        let (connection, number) =
            x11rb::connect(Some(display)).context("no connection to the display")?;
        let root = connection.setup().roots.get(number).context("the display has no screen")?.root;
        Ok(Self { connection, root })
    }

    /// The windows that are shown and say whose they are.
    pub fn windows(&self) -> Result<Vec<Shown>> {
        let children = self.connection.query_tree(self.root)?.reply()?.children;
        let mut shown = Vec::new();
        for id in children {
            // A window may go away while it is looked at.
            if let Ok(Some(window)) = self.look_at(id) {
                shown.push(window);
            }
        }
        Ok(shown)
    }

    /// Asks a window to close, as the cross in its corner would.
    pub fn close(&self, window: &Shown) -> Result<()> {
        let data = [self.atom("WM_DELETE_WINDOW")?, 0, 0, 0, 0];
        let message = ClientMessageEvent::new(32, window.id, self.atom("WM_PROTOCOLS")?, data);
        self.connection.send_event(false, window.id, EventMask::NO_EVENT, message)?.check()?;
        self.connection.flush()?;
        Ok(())
    }

    /// The window that gets the keys, as one of [`Screen::windows`].
    pub fn focused(&self) -> Result<Option<Shown>> {
        let mut id = self.connection.get_input_focus()?.reply()?.focus;
        // Focus may lie on a window inside of the one that a person sees.
        while id > 1 && id != self.root {
            let tree = self.connection.query_tree(id)?.reply()?;
            if tree.parent == self.root {
                return self.look_at(id);
            }
            id = tree.parent;
        }
        Ok(None)
    }

    /// Gives the keys to nobody.
    pub fn take_focus_away(&self) -> Result<()> {
        self.connection
            .set_input_focus(InputFocus::NONE, self.root, x11rb::CURRENT_TIME)?
            .check()?;
        Ok(())
    }

    fn look_at(&self, id: Window) -> Result<Option<Shown>> {
        let attributes = self.connection.get_window_attributes(id)?.reply()?;
        if attributes.map_state != MapState::VIEWABLE || attributes.override_redirect {
            return Ok(None);
        }
        let owner = self.connection.get_property(
            false,
            id,
            self.atom("_NET_WM_PID")?,
            AtomEnum::CARDINAL,
            0,
            1,
        )?;
        let Some(pid) = owner.reply()?.value32().and_then(|mut values| values.next()) else {
            return Ok(None);
        };
        let title = self.connection.get_property(
            false,
            id,
            self.atom("_NET_WM_NAME")?,
            AtomEnum::ANY,
            0,
            1024,
        )?;
        let title = String::from_utf8_lossy(&title.reply()?.value).into_owned();
        Ok(Some(Shown { id, pid, title }))
    }

    fn atom(&self, name: &str) -> Result<u32> {
        Ok(self.connection.intern_atom(false, name.as_bytes())?.reply()?.atom)
    }
}
