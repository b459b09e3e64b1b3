// Everything the window says in English. ko.ts has the same keys, which the compiler checks.
import type { Dies } from "../bindings/Dies";

export const en = {
  app: {
    name: "Nameplate",
    loading: "Opening Nameplate…",
    home: "Separate home",
    homeHint: "This run keeps everything in a folder of its own.",
    settings: "Settings",
    back: "Back",
    unexpected: "Something went wrong that Nameplate did not expect.",
    unexpectedNext: "Try it once more. If it stays, start Nameplate again.",
  },

  welcome: {
    title: "Whose name goes on the door?",
    lead: "Sign in with an account you already have. You do it in your own browser, and your password stays there.",
    again: "Sign in",
    againLead: "Choose how to sign in. The name that is here stays until you are back.",
    another: "Who else lives here?",
    anotherLead:
      "Whoever is here already stays. If your browser is still signed in as somebody else, switch the account there.",
    nothing: "No sign-in is set up yet",
    nothingLead:
      "Nameplate signs in with an app that you register once with a provider. It takes a few minutes: choose one to begin.",
    notYet: "Not set up yet",
    setUp: "Set up",
    choose: "Choose a provider",
    overridden: "Not the provider’s own addresses:",
    overriddenHint: "The configuration replaces their endpoints, as for a demo or a test.",
  },

  provider: {
    // Worded as each provider's brand rules ask for.
    signIn: {
      discord: (_label: string) => "Sign in with Discord",
      google: (_label: string) => "Sign in with Google",
      kakao: (_label: string) => "Login with Kakao",
      other: (label: string) => `Sign in with ${label}`,
    },
    opening: "Opening your browser…",
  },

  people: {
    title: "On this device",
    open: (name: string) => `${name}: people on this device`,
    shown: "Shown now",
    needsSignIn: "Sign in again",
    someoneElse: "Someone else signs in",
  },

  setUp: {
    title: (label: string) => `Set up ${label}`,
    lead: "Once it is registered and its client ID is here, the button appears on the first page.",
    ready: "Set up and ready",
    missing: "Not set up yet",
    register: "Register an app",
    registerOpen: (label: string) => `Open ${label}’s registration page`,
    registerPlain: "Ask whoever runs the issuer to register a desktop app for you.",
    redirects: "Enter the redirect URIs",
    redirectsLead: (count: number): string =>
      count === 1
        ? "Enter it exactly as it stands, to the last slash."
        : "Enter each of them exactly as it stands, to the last slash.",
    redirectsNone: "Nothing to enter: this provider takes any address on this computer.",
    redirect: "Redirect URI",
    switches: "Check these switches",
    put: "Enter the client ID",
    putFile: "Add these lines to this file:",
    putFileLabel: "Configuration file",
    putSnippet: "Lines to add",
    putVariables: "Or set these environment variables before Nameplate starts:",
    variable: "Environment variable",
    overrides: "Replaced addresses",
    overridesLead:
      "The configuration replaces these endpoints of the provider. Your sign-in goes to the replacement.",
    check: "Check again",
    checking: "Checking…",
    checkedReady: "Checked just now: ready.",
    checkedMissing: "Checked just now: not set up yet.",
    checkLead: "Saved it? Nameplate reads the configuration again.",
    steps: {
      discord: [
        "In the Developer Portal, choose New Application and give it a name that people will see when they consent.",
        "Open OAuth2 in the menu on the left. The client ID stands at the top.",
      ],
      google: [
        "In Google Cloud, open APIs & Services, then Credentials, and create an OAuth client ID.",
        "If it asks first, fill in the consent screen. While it is in testing, add yourself as a test user.",
      ],
      kakao: [
        "In Kakao Developers, add an application, open Kakao Login and turn it on.",
        "The REST API key is the client ID. Under Consent items, turn on the nickname and the profile image.",
      ],
      other: [
        "Register a native (desktop) app at the issuer.",
        "The issuer’s address goes into the file too. Nameplate discovers the rest from it.",
      ],
    },
    toggles: {
      discord: [
        {
          name: "Public Client",
          value: "On",
          why: "A desktop app cannot keep a secret. With this on, none is asked for.",
        },
      ],
      google: [
        {
          name: "Application type",
          value: "Desktop app",
          why: "Only this type may answer to an address on your computer.",
        },
        {
          name: "Client secret",
          value: "Goes along",
          why: "Google gives desktop apps a secret as well and wants to see it. It protects nothing by itself.",
        },
      ],
      kakao: [
        {
          name: "Client secret",
          value: "On, as it comes",
          why: "Kakao turns it on for every new key. Enter it as well, or turn it off in the console.",
        },
        {
          name: "Redirect ports",
          value: "Fixed",
          why: "Kakao compares the port too, so all of the addresses above are needed: if one is busy, the next is used.",
        },
      ],
      other: [
        {
          name: "Client type",
          value: "Public, with PKCE",
          why: "No client secret. The method is S256.",
        },
      ],
    },
  },

  waiting: {
    title: "Go on in your browser",
    lead: (label: string) =>
      `${label} is open there. Sign in and allow access, and this window goes on by itself.`,
    pasteTitle: "Bring the answer back",
    pasteLead: (label: string) =>
      `Sign in to ${label} in the browser. Then copy the address of the page it ends on and paste it below.`,
    finishing: "Almost there",
    finishingLead: (label: string) => `${label} has answered. Fetching your name and picture…`,
    openAgain: "Open the browser again",
    timeLeft: "Time left",
    timeUp: "The time is up",
    minutesSeconds: (minutes: number, seconds: number) =>
      minutes > 0 ? `${minutes} min ${String(seconds).padStart(2, "0")} s` : `${seconds} s`,
    cancel: "Cancel",
    link: "Sign-in link",
    linkHint: "For another browser or profile. Opening it twice does no harm.",
    copyLink: "Copy the link",
    channels: "How the answer comes back",
    channel: {
      deep_link: "By the app’s own link",
      loopback: "By an address on this computer",
      paste: "I paste it myself",
      bounce: "By your own web page",
      device: "By a code on any device",
    },
    channelHint: {
      deep_link: "The browser asks whether it may open Nameplate.",
      loopback: "The browser needs no permission. A firewall may stand in the way.",
      paste: "Works always, also with a browser on another device.",
      bounce: "The page that you set up hands over to Nameplate.",
      device: "Enter a short code in any browser. Nothing has to come back.",
    },
    channelNow: "In use",
    trouble: "Nothing happening?",
    paste: "Paste the answer",
    pasteHint: "The whole address from the browser’s address bar, after you have allowed access.",
    pasteSubmit: "Finish signing in",
  },

  profile: {
    title: "Signed in",
    noNickname: "No name given",
    avatarOf: (name: string) => `Picture of ${name}`,
    noEmail: "No e-mail address shared",
    verified: "Verified",
    unverified: "Not verified",
    readAt: (when: string) => `Last read ${when}`,
    offline: "Offline",
    offlineHint: "No connection. This is what was last read.",
    storing: "Being stored in this computer’s keychain…",
    removing: "Being removed from this device…",
    needsSignIn: (label: string) => `${label} ended this session. Your name and picture are kept.`,
    signInAgain: "Sign in again",
    readAgain: "Read again",
    reading: "Reading…",
    rename: "Rename on this device",
    renameLabel: "Name on this device",
    renameHint: (label: string) =>
      `Only Nameplate shows it. Leave it empty, and the name at ${label} is back.`,
    renameSave: "Save",
    renameCancel: "Cancel",
    accounts: "Accounts",
    more: "More",
    moreOf: (label: string, name: string) => `More: ${label}, ${name}`,
    otherWay: "Sign in another way",
    notes: "Notes",
    about: "About you",
    birthday: "Birthday",
    lunar: (date: string) => `${date} (lunar calendar)`,
    gender: "Gender",
    ageRange: "Age",
    phone: "Phone",
    genders: { female: "Female", male: "Male" } as Record<string, string>,
    signOut: "Sign out of this device",
    signOutTitle: (label: string) => `Sign out of ${label} here?`,
    signOutLead: (label: string) =>
      `Name, picture and tokens are removed from this device. In your browser you stay signed in to ${label}: sign out there too if others use it.`,
    signOutLeadOne: (label: string) =>
      `This account and its tokens are removed from this device, and your other accounts stay. In your browser you stay signed in to ${label}: sign out there too if others use it.`,
    signOutYes: "Sign out",
    signOutNo: "Stay signed in",
    disconnect: "Disconnect everywhere",
    disconnectHint: (label: string) => `Ends it at ${label} as well.`,
    disconnectTitle: (label: string) => `Disconnect ${label} everywhere?`,
    dies: {
      session: (label: string) => `At ${label} this session ends, and no other.`,
      every_token: (label: string) =>
        `At ${label} every token that this app has for you dies. Other devices on which you use it are signed out too.`,
      whole_project: (label: string) =>
        `At ${label} everything ends that you ever allowed this app’s project: on every device, and in other apps of the same project.`,
      connection: (label: string) =>
        `At ${label} your connection with this app ends, and all of its tokens with it. Next time you are asked for consent again.`,
    } as Record<Exclude<Dies, "nothing">, (label: string) => string>,
    disconnectHere: (label: string) =>
      `Then the account is removed from this device. If ${label} cannot be reached now, Nameplate tells it later, within 7 days.`,
    disconnectYes: "Disconnect",
    disconnectNo: "Stay connected",
    part: (name: string) => `Separate from ${name}`,
    partHint: "Becomes a person of its own here.",
    partTitle: (label: string, name: string) => `Separate ${label} from ${name}?`,
    partLead: (label: string) =>
      `The account becomes a person of its own here, named as at ${label}. It stays signed in, and nothing changes at ${label}.`,
    partYes: "Separate",
    partNo: "Keep together",
    askForMore: (label: string) => `Ask ${label} for more`,
    askForMoreHint: "Such as birthday or gender. You choose there what to allow.",
    addAccount: "Add an account",
    addTitle: (name: string) => `Add an account to ${name}`,
    addLead:
      "Where is it? If your browser is signed in there with an account that is here already, switch to the other one there.",
    addNo: "Not now",
    offerTitle: (name: string) => `Is this ${name} as well?`,
    offerLead: (name: string, email: string) =>
      `${name} is here with the same address, ${email}, and both providers vouch for it.`,
    offerMeans: (label: string) =>
      `Joined, the two are one person here, with both accounts. Nothing changes at ${label}, and you can separate them again.`,
    join: (name: string) => `Join with ${name}`,
    keepApart: "Keep apart",
    aloneUnverified: (label: string) =>
      `This address is not verified at ${label}, so it joins nobody.`,
    aloneSame: (name: string) =>
      `${name} is here with the same address. Nameplate offers to join only where both providers vouch for it, and joins only when you agree.`,
  },

  settings: {
    title: "Settings",
    language: "Language",
    languages: { system: "System", ko: "한국어", en: "English" },
    theme: "Appearance",
    themes: { system: "System", light: "Light", dark: "Dark" },
    providers: "Ways to sign in",
    providerReady: "Ready",
    providerMissing: "Not set up",
    about: "About",
    version: "Version",
    home: "Home of this run",
    scheme: "Link scheme",
    device: "This device",
    forget: "Forget everything on this device",
    forgetTitle: "Forget everything on this device?",
    forgetLead: "This goes, and nothing brings it back:",
    forgetPeople: (people: number, accounts: number): string =>
      `${people === 1 ? "1 person" : `${people} people`} with ${accounts === 1 ? "1 account" : `${accounts} accounts`}`,
    forgetProfile: "names, pictures and addresses",
    forgetTokens: "every token in this computer’s keychain",
    forgetRest: "settings and log files",
    forgetStays:
      "The set-up of the providers stays. At the providers nothing ends: where it should, use “Disconnect everywhere” first.",
    forgetYes: "Forget everything",
    forgetNo: "Keep everything",
  },

  problem: {
    saidBy: "In the provider’s own words",
    details: "Details",
    dismiss: "Dismiss",
    thisRunHint:
      "Nothing is stored then: the session lasts until you quit Nameplate, and after that you sign in again.",
    remedy: {
      try_again: "Try again",
      this_run: "Sign in for this run only",
      restart: "Start Nameplate again",
      set_up: "See the set-up",
      check_again: "Check again",
    },
  },

  copy: {
    copy: "Copy",
    copyThing: (thing: string) => `Copy: ${thing}`,
    copied: "Copied",
    byHand: "Selected. Copy it with Ctrl+C.",
  },
};
