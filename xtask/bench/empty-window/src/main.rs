//! A Tauri window that shows one page.

use tauri::{WebviewUrl, WebviewWindowBuilder};

fn main() -> tauri::Result<()> {
    tauri::Builder::default()
        .setup(|app| {
            WebviewWindowBuilder::new(app, "main", WebviewUrl::default())
                .title("Empty")
                .inner_size(900.0, 700.0)
                .build()?;
            Ok(())
        })
        .run(tauri::generate_context!())
}
