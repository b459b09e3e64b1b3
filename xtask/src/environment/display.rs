//! The windows on the virtual display: their processes and titles, and which has the focus.

use anyhow::{Context, Result};
use x11rb::connection::Connection;
use x11rb::protocol::Event;
use x11rb::protocol::xproto::{
    AtomEnum, ClientMessageEvent, ConnectionExt, CreateWindowAux, EventMask, InputFocus, MapState,
    Window, WindowClass,
};
use x11rb::rust_connection::RustConnection;

/// A window on the display.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DisplayedWindow {
    /// X11 window id.
    pub id: Window,
    /// Process id (`_NET_WM_PID`).
    pub pid: u32,
    /// Its title.
    pub title: String,
}

/// A connection to the display.
#[derive(Debug)]
pub struct Display {
    connection: RustConnection,
    root: Window,
}

impl Display {
    /// Connects.
    pub fn connect(display: &str) -> Result<Self> {
        let (connection, number) =
            x11rb::connect(Some(display)).context("no connection to the display")?;
        let root = connection.setup().roots.get(number).context("the display has no screen")?.root;
        Ok(Self { connection, root })
    }

    /// The visible windows that have a process id.
    pub fn windows(&self) -> Result<Vec<DisplayedWindow>> {
        let children = self.connection.query_tree(self.root)?.reply()?.children;
        let mut shown = Vec::new();
        for id in children {
            // A window may be closed in the meantime.
            if let Ok(Some(window)) = self.read(id) {
                shown.push(window);
            }
        }
        Ok(shown)
    }

    /// Sends WM_DELETE_WINDOW to a window.
    pub fn close(&self, window: &DisplayedWindow) -> Result<()> {
        let data = [self.atom("WM_DELETE_WINDOW")?, 0, 0, 0, 0];
        let message = ClientMessageEvent::new(32, window.id, self.atom("WM_PROTOCOLS")?, data);
        self.connection.send_event(false, window.id, EventMask::NO_EVENT, message)?.check()?;
        self.connection.flush()?;
        Ok(())
    }

    /// The window with the keyboard focus.
    pub fn focused(&self) -> Result<Option<DisplayedWindow>> {
        let mut id = self.connection.get_input_focus()?.reply()?.focus;
        // The focus may be on a child of a top-level window.
        while id > 1 && id != self.root {
            let tree = self.connection.query_tree(id)?.reply()?;
            if tree.parent == self.root {
                return self.read(id);
            }
            id = tree.parent;
        }
        Ok(None)
    }

    /// Removes the keyboard focus from every window.
    pub fn take_focus_away(&self) -> Result<()> {
        self.connection
            .set_input_focus(InputFocus::NONE, self.root, x11rb::CURRENT_TIME)?
            .check()?;
        Ok(())
    }

    /// The text on the clipboard; empty without one.
    pub fn clipboard(&self) -> Result<String> {
        self.clipboard_as("UTF8_STRING")
    }

    /// What the clipboard's owner answers for a target (ICCCM, section 2.6.2); empty if it refuses.
    pub fn clipboard_as(&self, target: &str) -> Result<String> {
        let window = self.connection.generate_id()?;
        let (class, aux) = (WindowClass::INPUT_ONLY, CreateWindowAux::new());
        self.connection
            .create_window(0, window, self.root, 0, 0, 1, 1, 0, class, 0, &aux)?
            .check()?;
        let [selection, target, property] =
            [self.atom("CLIPBOARD")?, self.atom(target)?, self.atom("NAMEPLATE_TEXT")?];
        let now = x11rb::CURRENT_TIME;
        self.connection.convert_selection(window, selection, target, property, now)?.check()?;
        // The owner answers, or the display in its place.
        while !matches!(self.connection.wait_for_event()?, Event::SelectionNotify(answer) if answer.requestor == window)
        {
        }
        let text = self
            .connection
            .get_property(true, window, property, AtomEnum::ANY, 0, 4096)?
            .reply()?;
        self.connection.destroy_window(window)?.check()?;
        Ok(String::from_utf8_lossy(&text.value).into_owned())
    }

    fn read(&self, id: Window) -> Result<Option<DisplayedWindow>> {
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
        Ok(Some(DisplayedWindow { id, pid, title }))
    }

    fn atom(&self, name: &str) -> Result<u32> {
        Ok(self.connection.intern_atom(false, name.as_bytes())?.reply()?.atom)
    }
}
