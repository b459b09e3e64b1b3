//! The people one can be: plain data, from which every provider tells its own version.

/// A person who can sign in, as all providers know them.
#[derive(Debug, Clone)]
pub struct Person {
    /// What the login page's button sends.
    pub key: &'static str,
    /// The number that providers derive their own ids from; beyond 2^53, so that a float would spoil it.
    pub number: u64,
    /// The chosen display name; `None` where the person never chose one.
    pub nickname: Option<&'static str>,
    /// The unchangeable account name (Discord's `username`, OpenID's `preferred_username`).
    pub username: &'static str,
    /// Discord's old four digits; `"0"` for everybody who moved to the new names.
    pub discriminator: &'static str,
    /// The address, if the account has one.
    pub email: Option<Email>,
    /// The colour in the middle of the picture; `None` means no picture.
    pub colour: Option<[u8; 3]>,
    /// Whether the picture moves (Discord's `a_` hashes).
    pub animated: bool,
    /// Day of birth, in as many pieces as the person gave.
    pub birthday: Birthday,
    /// `female` or `male`, if told.
    pub gender: Option<&'static str>,
    /// First year of the ten-year age range, if told.
    pub age_from: Option<u8>,
    /// Phone number in E.164, if told.
    pub phone: Option<&'static str>,
    /// One line on the login page: what is special about this person, in English and Korean.
    pub about: (&'static str, &'static str),
}

/// An e-mail address and what is known about it.
#[derive(Debug, Clone, Copy)]
pub struct Email {
    /// The address at every provider but Google.
    pub address: &'static str,
    /// The address of the Google account.
    pub at_google: &'static str,
    /// The Workspace domain (`hd`) of the Google account, if it has one.
    pub workspace: Option<&'static str>,
    /// The person followed the link in the confirmation message.
    pub verified: bool,
    /// Kakao's `is_email_valid`: false once another Kakao account took the address.
    pub valid: bool,
}

/// The pieces of a birthday; any may be missing.
#[derive(Debug, Clone, Copy)]
pub struct Birthday {
    /// The year.
    pub year: Option<u16>,
    /// Month and day.
    pub day: Option<(u8, u8)>,
    /// Kakao knows birthdays of the lunar calendar.
    pub lunar: bool,
}

const NO_BIRTHDAY: Birthday = Birthday { year: None, day: None, lunar: false };

/// Everybody, in the order of the login page.
pub static PEOPLE: [Person; 7] = [
    Person {
        key: "haneul",
        number: 1_150_283_746_501_836_801,
        nickname: Some("하늘"),
        username: "haneul",
        discriminator: "0",
        email: Some(Email {
            address: "haneul@example.com",
            at_google: "haneul@gmail.com",
            workspace: None,
            verified: true,
            valid: true,
        }),
        colour: Some([0x2f, 0x6f, 0xde]),
        animated: false,
        birthday: Birthday { year: Some(1997), day: Some((3, 14)), lunar: false },
        gender: Some("female"),
        age_from: Some(20),
        phone: Some("+821012345678"),
        about: ("Everything filled in", "모든 항목이 있는 사람"),
    },
    Person {
        key: "no-avatar",
        number: 1_061_987_654_321_098_765,
        nickname: Some("Mira Novak"),
        username: "mira.novak",
        discriminator: "0",
        email: Some(Email {
            address: "mira@example.com",
            at_google: "mira@example.com",
            workspace: Some("example.com"),
            verified: true,
            valid: true,
        }),
        colour: None,
        animated: false,
        birthday: Birthday { year: None, day: Some((11, 2)), lunar: false },
        gender: Some("female"),
        age_from: Some(30),
        phone: None,
        about: ("No avatar", "프로필 사진 없음"),
    },
    Person {
        key: "no-nickname",
        number: 852_892_297_661_906_993,
        nickname: None,
        username: "sol.park",
        discriminator: "0",
        email: Some(Email {
            address: "sol@example.com",
            at_google: "sol.park@gmail.com",
            workspace: None,
            verified: true,
            valid: true,
        }),
        colour: Some([0x0f, 0x8a, 0x7e]),
        animated: false,
        birthday: Birthday { year: Some(1988), day: None, lunar: false },
        gender: None,
        age_from: None,
        phone: Some("+821098765432"),
        about: ("Never chose a nickname", "닉네임을 정하지 않음"),
    },
    Person {
        key: "unverified",
        number: 1_203_344_556_677_889_900,
        nickname: Some("Jonas"),
        username: "jonas",
        discriminator: "0",
        email: Some(Email {
            address: "jonas@example.com",
            at_google: "jonas@example.com",
            workspace: None,
            verified: false,
            valid: true,
        }),
        colour: Some([0xc2, 0x57, 0x1a]),
        animated: false,
        birthday: NO_BIRTHDAY,
        gender: Some("male"),
        age_from: Some(40),
        phone: None,
        about: ("E-mail never confirmed", "이메일 인증 안 함"),
    },
    Person {
        key: "long-name",
        number: 1_111_222_333_444_555_666,
        nickname: Some(
            "별빛이내리는언덕에서바람을기다리며아주오래된노래를부르던아이의길고긴이름이랍니다",
        ),
        username: "long_name_for_a_reason",
        discriminator: "0",
        email: Some(Email {
            address: "starlight.on.the.hill.waiting.for.the.wind@example.com",
            at_google: "starlight.on.the.hill@gmail.com",
            workspace: None,
            verified: true,
            valid: true,
        }),
        colour: Some([0x8a, 0x3f, 0xb8]),
        animated: true,
        birthday: Birthday { year: Some(1995), day: Some((8, 15)), lunar: true },
        gender: Some("female"),
        age_from: Some(20),
        phone: Some("+821055550000"),
        about: ("A 40-character name, a moving avatar", "이름 40자, 움직이는 사진"),
    },
    Person {
        key: "no-email",
        number: 1_222_333_444_555_666_777,
        nickname: Some("Noor"),
        username: "noor",
        discriminator: "0",
        email: None,
        colour: Some([0xb8, 0x2f, 0x5c]),
        animated: false,
        birthday: NO_BIRTHDAY,
        gender: None,
        age_from: None,
        phone: None,
        about: ("No e-mail address", "이메일 주소 없음"),
    },
    Person {
        key: "old-account",
        number: 80_351_110_224_678_912,
        nickname: None,
        username: "Nelly",
        discriminator: "1337",
        email: Some(Email {
            address: "nelly@example.com",
            at_google: "nelly@example.com",
            workspace: None,
            verified: true,
            valid: false,
        }),
        colour: None,
        animated: false,
        birthday: NO_BIRTHDAY,
        gender: Some("female"),
        age_from: Some(90),
        phone: None,
        about: (
            "Old Discord tag; address lost to another Kakao account",
            "옛 디스코드 태그, 카카오 이메일 만료",
        ),
    },
];

impl Email {
    /// The address that this provider knows.
    pub fn at(&self, provider: &str) -> &'static str {
        if provider == "google" { self.at_google } else { self.address }
    }
}

impl Person {
    /// What a page calls this person.
    pub fn shown_name(&self) -> &'static str {
        self.nickname.unwrap_or(self.username)
    }
}

/// The person with this key.
pub fn find(key: &str) -> Option<&'static Person> {
    PEOPLE.iter().find(|person| person.key == key)
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
