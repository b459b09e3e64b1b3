//! The servers that a person can add Discord's bot to.

/// One server.
#[derive(Debug)]
pub struct Guild {
    /// Its snowflake.
    pub id: &'static str,
    /// Its name.
    pub name: &'static str,
    /// The hash of its picture, if it has one.
    pub icon: Option<&'static str>,
}

/// Everybody may manage both.
pub static GUILDS: [Guild; 2] = [
    Guild { id: "613425648685547541", name: "Demo server", icon: None },
    Guild {
        id: "81384788765712384",
        name: "하늘의 서재",
        icon: Some("a363a84e969bcbe1353eb2fdfb2e50e6"),
    },
];

/// The server with this id.
pub fn find(id: &str) -> Option<&'static Guild> {
    GUILDS.iter().find(|guild| guild.id == id)
}
