// Everything the window says in Korean, key by key as in en.ts.
import type { Words } from ".";

export const ko: Words = {
  app: {
    name: "Nameplate",
    loading: "Nameplate를 여는 중…",
    home: "별도 공간",
    homeHint: "이번 실행은 모든 것을 별도의 폴더에 보관합니다.",
    settings: "설정",
    back: "뒤로",
    unexpected: "예상하지 못한 문제가 생겼습니다.",
    unexpectedNext: "한 번 더 시도해 주세요. 계속되면 Nameplate를 다시 시작해 주세요.",
  },

  welcome: {
    title: "문패에 어떤 이름을 걸까요?",
    lead: "이미 쓰고 있는 계정으로 로그인하세요. 로그인은 평소 쓰는 브라우저에서 하므로 비밀번호는 그곳을 벗어나지 않습니다.",
    again: "로그인",
    againLead: "로그인할 방법을 고르세요. 돌아올 때까지 지금 걸린 이름은 그대로 있습니다.",
    another: "또 누구의 이름을 걸까요?",
    anotherLead:
      "이미 있는 사람은 그대로 있습니다. 브라우저가 다른 사람으로 로그인되어 있으면 그곳에서 계정을 바꾸세요.",
    nothing: "아직 설정된 로그인이 없습니다",
    nothingLead:
      "Nameplate는 제공자에 한 번 등록해 둔 앱으로 로그인합니다. 몇 분이면 됩니다. 하나를 골라 시작하세요.",
    notYet: "아직 설정하지 않음",
    setUp: "설정하기",
    choose: "제공자 선택",
    overridden: "제공자의 원래 주소가 아닙니다:",
    overriddenHint: "데모나 테스트처럼 설정에서 엔드포인트를 바꿔 두었습니다.",
  },

  provider: {
    signIn: {
      discord: (_label) => "Discord로 로그인",
      google: (_label) => "Google로 계속하기",
      kakao: (_label) => "카카오 로그인",
      other: (label) => `${label} 계정으로 로그인`,
    },
    opening: "브라우저를 여는 중…",
  },

  people: {
    title: "이 기기에 있는 사람",
    open: (name) => `${name}: 이 기기에 있는 사람 보기`,
    shown: "지금 보는 사람",
    needsSignIn: "다시 로그인 필요",
    someoneElse: "다른 사람 로그인",
  },

  setUp: {
    title: (label) => `${label} 설정`,
    lead: "앱을 등록하고 클라이언트 ID를 넣으면 첫 화면에 로그인 버튼이 나타납니다.",
    ready: "설정 완료",
    missing: "아직 설정하지 않음",
    register: "앱 등록하기",
    registerOpen: (label) => `${label} 등록 페이지 열기`,
    registerPlain: "발급자를 운영하는 담당자에게 데스크톱 앱 등록을 요청하세요.",
    redirects: "리디렉션 URI 입력하기",
    redirectsLead: (count) =>
      count === 1
        ? "마지막 슬래시까지 그대로 입력하세요."
        : "모두 마지막 슬래시까지 그대로 입력하세요.",
    redirectsNone: "입력할 것이 없습니다. 이 제공자는 이 컴퓨터의 어떤 주소든 받아들입니다.",
    redirect: "리디렉션 URI",
    switches: "확인할 설정",
    put: "클라이언트 ID 넣기",
    putFile: "이 파일에 아래 내용을 추가하세요.",
    putFileLabel: "설정 파일",
    putSnippet: "추가할 내용",
    putVariables: "또는 Nameplate를 시작하기 전에 환경 변수를 지정하세요.",
    variable: "환경 변수",
    overrides: "바뀐 주소",
    overridesLead:
      "설정에서 이 제공자의 다음 엔드포인트를 바꿔 두었습니다. 로그인은 바뀐 주소로 진행됩니다.",
    check: "다시 확인",
    checking: "확인하는 중…",
    checkedReady: "방금 확인했습니다. 준비되었습니다.",
    checkedMissing: "방금 확인했습니다. 아직 설정되지 않았습니다.",
    checkLead: "저장했다면 Nameplate가 설정을 다시 읽습니다.",
    steps: {
      discord: [
        "Developer Portal에서 New Application을 누르고, 동의 화면에 보일 이름을 정하세요.",
        "왼쪽 메뉴에서 OAuth2를 여세요. 맨 위에 클라이언트 ID가 있습니다.",
      ],
      google: [
        "Google Cloud에서 API 및 서비스 > 사용자 인증 정보로 가서 OAuth 클라이언트 ID를 만드세요.",
        "동의 화면을 먼저 요구하면 작성하세요. 테스트 상태라면 본인을 테스트 사용자로 추가하세요.",
      ],
      kakao: [
        "카카오디벨로퍼스에서 애플리케이션을 추가하고 카카오 로그인을 활성화하세요.",
        "REST API 키가 클라이언트 ID입니다. 동의항목에서 닉네임과 프로필 사진을 켜세요.",
      ],
      other: [
        "발급자에 네이티브(데스크톱) 앱을 등록하세요.",
        "발급자 주소도 파일에 적습니다. 나머지는 Nameplate가 그 주소에서 찾습니다.",
      ],
    },
    toggles: {
      discord: [
        {
          name: "Public Client",
          value: "켜기",
          why: "데스크톱 앱은 비밀을 지킬 수 없습니다. 켜 두면 시크릿을 요구하지 않습니다.",
        },
      ],
      google: [
        {
          name: "애플리케이션 유형",
          value: "데스크톱 앱",
          why: "이 유형만 내 컴퓨터의 주소로 응답을 받을 수 있습니다.",
        },
        {
          name: "클라이언트 보안 비밀번호",
          value: "함께 입력",
          why: "Google은 데스크톱 앱에도 발급하고 제출을 요구합니다. 그것만으로 보호되는 것은 없습니다.",
        },
      ],
      kakao: [
        {
          name: "클라이언트 시크릿",
          value: "기본으로 켜져 있음",
          why: "새 키에는 항상 켜져 있습니다. 함께 입력하거나 콘솔에서 끄세요.",
        },
        {
          name: "리디렉션 포트",
          value: "고정",
          why: "카카오는 포트까지 비교하므로 위의 주소가 모두 필요합니다. 하나가 사용 중이면 다음 것을 씁니다.",
        },
      ],
      other: [
        {
          name: "클라이언트 유형",
          value: "공개 클라이언트, PKCE",
          why: "클라이언트 시크릿은 없습니다. 방식은 S256입니다.",
        },
      ],
    },
  },

  waiting: {
    title: "브라우저에서 계속하세요",
    lead: (label) =>
      `${label} 페이지가 열려 있습니다. 로그인하고 접근을 허용하면 이 창은 저절로 넘어갑니다.`,
    pasteTitle: "응답을 가져와 주세요",
    pasteLead: (label) =>
      `브라우저에서 ${label} 로그인을 마친 뒤, 마지막 페이지의 주소를 복사해 아래에 붙여 넣으세요.`,
    finishing: "거의 다 됐습니다",
    finishingLead: (label) => `${label}에서 응답이 왔습니다. 이름과 사진을 가져오는 중…`,
    openAgain: "브라우저 다시 열기",
    timeLeft: "남은 시간",
    timeUp: "시간이 지났습니다",
    minutesSeconds: (minutes, seconds) =>
      minutes > 0 ? `${minutes}분 ${String(seconds).padStart(2, "0")}초` : `${seconds}초`,
    cancel: "취소",
    link: "로그인 링크",
    linkHint: "다른 브라우저나 프로필에서 열 때 쓰세요. 두 번 열어도 괜찮습니다.",
    copyLink: "링크 복사",
    channels: "응답을 받는 방법",
    channel: {
      deep_link: "앱 전용 링크로",
      loopback: "이 컴퓨터의 주소로",
      paste: "직접 붙여 넣기",
      bounce: "내 웹 페이지를 거쳐",
      device: "다른 기기에서 코드로",
    },
    channelHint: {
      deep_link: "브라우저가 Nameplate를 열어도 되는지 물어봅니다.",
      loopback: "브라우저 허락이 필요 없습니다. 방화벽이 막을 수 있습니다.",
      paste: "언제나 됩니다. 다른 기기의 브라우저에서도 됩니다.",
      bounce: "설정해 둔 페이지가 Nameplate를 열어 줍니다.",
      device: "아무 브라우저에나 짧은 코드를 입력하세요. 돌아올 주소가 필요 없습니다.",
    },
    channelNow: "사용 중",
    trouble: "아무 일도 일어나지 않나요?",
    paste: "응답 붙여 넣기",
    pasteHint: "접근을 허용한 뒤 브라우저 주소창에 보이는 주소 전체를 넣으세요.",
    pasteSubmit: "로그인 마치기",
  },

  profile: {
    title: "로그인됨",
    noNickname: "이름 없음",
    avatarOf: (name) => `${name} 님의 사진`,
    noEmail: "공유한 이메일 주소가 없습니다",
    verified: "확인됨",
    unverified: "확인되지 않음",
    readAt: (when) => `마지막 확인 ${when}`,
    offline: "오프라인",
    offlineHint: "연결이 없습니다. 마지막으로 확인한 내용입니다.",
    storing: "이 컴퓨터의 키체인에 저장하는 중…",
    removing: "이 기기에서 지우는 중…",
    needsSignIn: (label) => `${label} 세션이 끝났습니다. 이름과 사진은 그대로 있습니다.`,
    signInAgain: "다시 로그인",
    readAgain: "다시 확인",
    reading: "확인하는 중…",
    rename: "이 기기에서 이름 바꾸기",
    renameLabel: "이 기기에서 쓸 이름",
    renameHint: (label) => `Nameplate에서만 보입니다. 비워 두면 ${label}의 이름으로 돌아갑니다.`,
    renameSave: "저장",
    renameCancel: "취소",
    accounts: "계정",
    more: "더 보기",
    moreOf: (label, name) => `더 보기: ${label}, ${name}`,
    otherWay: "다른 방법으로 로그인",
    notes: "알림",
    about: "내 정보",
    birthday: "생일",
    lunar: (date) => `음력 ${date}`,
    gender: "성별",
    ageRange: "연령대",
    phone: "전화번호",
    genders: { female: "여성", male: "남성" },
    signOut: "이 기기에서 로그아웃",
    signOutTitle: (label) => `이 기기에서 ${label} 로그아웃할까요?`,
    signOutLead: (label) =>
      `이름, 사진, 토큰을 이 기기에서 지웁니다. 브라우저에서는 ${label} 로그인이 유지됩니다. 다른 사람과 함께 쓰는 컴퓨터라면 브라우저에서도 로그아웃하세요.`,
    signOutLeadOne: (label) =>
      `이 계정과 토큰을 이 기기에서 지웁니다. 다른 계정은 그대로 있습니다. 브라우저에서는 ${label} 로그인이 유지됩니다. 다른 사람과 함께 쓰는 컴퓨터라면 브라우저에서도 로그아웃하세요.`,
    signOutYes: "로그아웃",
    signOutNo: "로그인 유지",
    disconnect: "모든 곳에서 연결 끊기",
    disconnectHint: (label) => `${label}에서도 끝냅니다.`,
    disconnectTitle: (label) => `모든 곳에서 ${label} 연결을 끊을까요?`,
    dies: {
      session: (label) => `${label}에서 이 세션만 끝납니다. 다른 세션은 그대로입니다.`,
      every_token: (label) =>
        `${label}에서 이 앱이 받은 회원님의 토큰이 모두 무효가 됩니다. 이 앱을 쓰는 다른 기기에서도 로그아웃됩니다.`,
      whole_project: (label) =>
        `${label}에서 이 앱의 프로젝트에 지금까지 허용한 것이 모두 취소됩니다. 다른 기기와 같은 프로젝트의 다른 앱에서도 끝납니다.`,
      connection: (label) =>
        `${label}에서 이 앱과의 연결이 끊기고 토큰도 모두 무효가 됩니다. 다음에 로그인할 때 동의를 다시 받습니다.`,
    },
    disconnectHere: (label) =>
      `그다음 이 기기에서 계정을 지웁니다. 지금 ${label}에 연결할 수 없으면 나중에, 늦어도 7일 안에 다시 알립니다.`,
    disconnectYes: "연결 끊기",
    disconnectNo: "연결 유지",
    part: (name) => `${name} 님에게서 분리`,
    partHint: "이 기기에서 별도의 사람이 됩니다.",
    partTitle: (label, name) => `${label} 계정을 ${name} 님에게서 분리할까요?`,
    partLead: (label) =>
      `이 계정은 이 기기에서 별도의 사람이 되고 ${label}의 이름으로 보입니다. 로그인은 유지되고 ${label}에서 바뀌는 것은 없습니다.`,
    partYes: "분리",
    partNo: "함께 두기",
    askForMore: (label) => `${label}에 더 요청하기`,
    askForMoreHint: "생일이나 성별 같은 정보입니다. 무엇을 허용할지는 그곳에서 고릅니다.",
    addAccount: "계정 추가",
    addTitle: (name) => `${name} 님에게 계정 추가`,
    addLead:
      "어느 서비스의 계정인가요? 브라우저가 이미 여기에 있는 계정으로 로그인되어 있으면 그곳에서 다른 계정으로 바꾸세요.",
    addNo: "나중에",
    offerTitle: (name) => `${name} 님과 같은 사람인가요?`,
    offerLead: (name, email) =>
      `${name} 님도 이 기기에서 같은 주소(${email})를 쓰고, 두 제공자 모두 본인의 주소라고 보증합니다.`,
    offerMeans: (label) =>
      `합치면 이 기기에서 두 계정을 가진 한 사람이 됩니다. ${label}에서 바뀌는 것은 없고, 나중에 다시 분리할 수 있습니다.`,
    join: (name) => `${name} 님과 합치기`,
    keepApart: "따로 두기",
    aloneUnverified: (label) =>
      `${label}에서 확인되지 않은 주소라서 누구와도 합쳐지지 않습니다.`,
    aloneSame: (name) =>
      `${name} 님도 이 기기에서 같은 주소를 씁니다. 두 제공자가 모두 보증하는 주소일 때만 합치기를 제안하고, 동의한 뒤에만 합칩니다.`,
  },

  settings: {
    title: "설정",
    language: "언어",
    languages: { system: "시스템", ko: "한국어", en: "English" },
    theme: "화면 모드",
    themes: { system: "시스템", light: "밝게", dark: "어둡게" },
    providers: "로그인 방법",
    providerReady: "준비됨",
    providerMissing: "설정 안 됨",
    about: "정보",
    version: "버전",
    home: "이번 실행의 폴더",
    scheme: "링크 스킴",
    device: "이 기기",
    forget: "이 기기에서 모두 지우기",
    forgetTitle: "이 기기에서 모두 지울까요?",
    forgetLead: "다음을 지우며, 되돌릴 수 없습니다.",
    forgetPeople: (people, accounts) => `사람 ${people}명과 계정 ${accounts}개`,
    forgetProfile: "이름, 사진, 주소",
    forgetTokens: "이 컴퓨터의 키체인에 있는 모든 토큰",
    forgetRest: "설정과 로그 파일",
    forgetStays:
      "제공자 설정은 남습니다. 제공자 쪽에서 끝나는 것은 없습니다. 그쪽도 끝내려면 먼저 ‘모든 곳에서 연결 끊기’를 하세요.",
    forgetYes: "모두 지우기",
    forgetNo: "그대로 두기",
  },

  problem: {
    saidBy: "제공자가 보낸 원문",
    details: "자세히",
    dismiss: "닫기",
    thisRunHint:
      "아무것도 저장하지 않습니다. Nameplate를 끝내면 세션도 끝나고, 다음에는 다시 로그인해야 합니다.",
    remedy: {
      try_again: "다시 시도",
      this_run: "이번 실행에만 로그인",
      restart: "Nameplate 다시 시작",
      set_up: "설정 보기",
      check_again: "다시 확인",
    },
  },

  copy: {
    copy: "복사",
    copyThing: (thing) => `${thing} 복사`,
    copied: "복사됨",
    byHand: "선택했습니다. Ctrl+C로 복사하세요.",
  },
};
