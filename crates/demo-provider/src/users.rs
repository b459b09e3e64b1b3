//! The users: plain data, from which each provider derives its own version.

use serde_json::{Value, json};

use crate::language::Text;

/// A user who can sign in at every provider.
#[derive(Debug, Clone)]
pub struct User {
    /// Identifies the user on the login page and in the control endpoints.
    pub key: &'static str,
    /// The number from which providers derive their ids; beyond 2^53, so that a float cannot hold it.
    pub number: u64,
    /// The chosen display name; `None` if the user never chose one.
    pub nickname: Option<&'static str>,
    /// The unchangeable account name (Discord's `username`, OpenID's `preferred_username`).
    pub username: &'static str,
    /// Discord's old four digits; `"0"` for the new names.
    pub discriminator: &'static str,
    /// The address, if the account has one.
    pub email: Option<Email>,
    /// The colour in the middle of the picture; `None` means no picture.
    pub colour: Option<[u8; 3]>,
    /// Whether the picture is animated (Discord's `a_` hashes).
    pub animated: bool,
    /// Date of birth, as far as it is known.
    pub birthday: Birthday,
    /// `female` or `male`, if known.
    pub gender: Option<&'static str>,
    /// First year of the ten-year age range, if known.
    pub age_from: Option<u8>,
    /// Phone number in E.164, if known.
    pub phone: Option<&'static str>,
    /// What is special about this user, for the login page, in English and Korean.
    pub about: Text,
}

/// An e-mail address and what is known about it.
#[derive(Debug, Clone, Copy)]
pub struct Email {
    /// The address at every provider except Google.
    pub address: &'static str,
    /// The address of the Google account.
    pub at_google: &'static str,
    /// The Workspace domain (`hd`) of the Google account, if it has one.
    pub workspace: Option<&'static str>,
    /// Whether the address was confirmed.
    pub verified: bool,
    /// Kakao's `is_email_valid`: false if another Kakao account has taken the address.
    pub valid: bool,
}

/// A date of birth; each part may be missing.
#[derive(Debug, Clone, Copy)]
pub struct Birthday {
    /// The year.
    pub year: Option<u16>,
    /// Month and day.
    pub day: Option<(u8, u8)>,
    /// Whether it is of the lunar calendar (Kakao).
    pub lunar: bool,
}

/// A user with only an account name.
const EMPTY: User = User {
    key: "",
    number: 0,
    nickname: None,
    username: "",
    discriminator: "0",
    email: None,
    colour: None,
    animated: false,
    birthday: Birthday { year: None, day: None, lunar: false },
    gender: None,
    age_from: None,
    phone: None,
    about: ("", ""),
};

/// A confirmed address, here and at Google.
const fn confirmed(address: &'static str, at_google: &'static str) -> Email {
    Email { address, at_google, workspace: None, verified: true, valid: true }
}

/// All users, in the order of the login page.
pub static USERS: [User; 7] = [
    User {
        key: "haneul",
        number: 1_150_283_746_501_836_801,
        nickname: Some("하늘"),
        username: "haneul",
        email: Some(confirmed("haneul@example.com", "haneul@gmail.com")),
        colour: Some([0x2f, 0x6f, 0xde]),
        birthday: Birthday { year: Some(1997), day: Some((3, 14)), lunar: false },
        gender: Some("female"),
        age_from: Some(20),
        phone: Some("+821012345678"),
        about: ("Everything filled in", "모든 항목이 있는 사람"),
        ..EMPTY
    },
    User {
        key: "no-avatar",
        number: 1_061_987_654_321_098_765,
        nickname: Some("Mira Novak"),
        username: "mira.novak",
        email: Some(Email {
            workspace: Some("example.com"),
            ..confirmed("mira@example.com", "mira@example.com")
        }),
        birthday: Birthday { year: None, day: Some((11, 2)), lunar: false },
        gender: Some("female"),
        age_from: Some(30),
        about: ("No avatar", "프로필 사진 없음"),
        ..EMPTY
    },
    User {
        key: "no-nickname",
        number: 852_892_297_661_906_993,
        username: "sol.park",
        email: Some(confirmed("sol@example.com", "sol.park@gmail.com")),
        colour: Some([0x0f, 0x8a, 0x7e]),
        birthday: Birthday { year: Some(1988), day: None, lunar: false },
        phone: Some("+821098765432"),
        about: ("Never chose a nickname", "닉네임을 정하지 않음"),
        ..EMPTY
    },
    User {
        key: "unverified",
        number: 1_203_344_556_677_889_900,
        nickname: Some("Jonas"),
        username: "jonas",
        email: Some(Email {
            verified: false,
            ..confirmed("jonas@example.com", "jonas@example.com")
        }),
        colour: Some([0xc2, 0x57, 0x1a]),
        gender: Some("male"),
        age_from: Some(40),
        about: ("E-mail never confirmed", "이메일 인증 안 함"),
        ..EMPTY
    },
    User {
        key: "long-name",
        number: 1_111_222_333_444_555_666,
        nickname: Some(
            "별빛이내리는언덕에서바람을기다리며아주오래된노래를부르던아이의길고긴이름이랍니다",
        ),
        username: "long_name_for_a_reason",
        email: Some(confirmed(
            "starlight.on.the.hill.waiting.for.the.wind@example.com",
            "starlight.on.the.hill@gmail.com",
        )),
        colour: Some([0x8a, 0x3f, 0xb8]),
        animated: true,
        birthday: Birthday { year: Some(1995), day: Some((8, 15)), lunar: true },
        gender: Some("female"),
        age_from: Some(20),
        phone: Some("+821055550000"),
        about: ("A 40-character name, a moving avatar", "이름 40자, 움직이는 사진"),
        ..EMPTY
    },
    User {
        key: "no-email",
        number: 1_222_333_444_555_666_777,
        nickname: Some("Noor"),
        username: "noor",
        colour: Some([0xb8, 0x2f, 0x5c]),
        about: ("No e-mail address", "이메일 주소 없음"),
        ..EMPTY
    },
    User {
        key: "old-account",
        number: 80_351_110_224_678_912,
        username: "Nelly",
        discriminator: "1337",
        email: Some(Email { valid: false, ..confirmed("nelly@example.com", "nelly@example.com") }),
        gender: Some("female"),
        age_from: Some(90),
        about: (
            "Old Discord tag; address lost to another Kakao account",
            "옛 디스코드 태그, 카카오 이메일 만료",
        ),
        ..EMPTY
    },
];

impl User {
    /// The nickname, else the username.
    pub fn shown_name(&self) -> &'static str {
        self.nickname.unwrap_or(self.username)
    }

    /// The claims of a name, with given and family name if it has two parts.
    pub(crate) fn names(name: &str) -> Value {
        match name.split_once(' ') {
            Some((given, family)) => {
                json!({ "name": name, "given_name": given, "family_name": family })
            }
            None => json!({ "name": name, "given_name": name }),
        }
    }
}

/// The user with this key.
pub(crate) fn find(key: &str) -> Option<&'static User> {
    USERS.iter().find(|user| user.key == key)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_long_name_has_forty_characters() {
        let name = find("long-name").unwrap().nickname.unwrap();
        assert_eq!(name.chars().count(), 40);
    }
}
